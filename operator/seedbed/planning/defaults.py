"""Where the search planner begins: settings that often work, made smaller until the limits allow them."""

from collections.abc import Iterator
from typing import Any

from seedbed.planning.dimensions import Settings
from seedbed.planning.space import FAMILIES_OF, SMALLEST_FAMILY, batch_sizes, usual_epochs
from seedbed_runner.contract.records import Card

_COMMON = {
    "norm": True, "activation": "ReLU", "optimizer": "AdamW", "lr": 0.01, "weight_decay": 0.01,
    "schedule": "OneCycle", "label_smoothing": 0.1, "early_stopping": False,
}  # fmt: skip

# By kind of data, in the order in which they are proposed.
_MODELS: dict[str, tuple[dict[str, Any], ...]] = {
    "image": (
        {"family": "cnn", "size": 2, "depth": 3, "dropout": 0.3},
        {"family": "residual_cnn", "size": 2, "depth": 2, "dropout": 0.1},
        {"family": "mlp", "size": 3, "depth": 2, "dropout": 0.2},
    ),
    "tabular": (
        {"family": "mlp", "size": 1, "depth": 2, "dropout": 0.1},
        {"family": "residual_mlp", "size": 1, "depth": 2, "dropout": 0.1, "lr": 0.003},
        {"family": "linear", "size": 0, "depth": 1, "dropout": 0.0, "lr": 0.03, "label_smoothing": 0.0},
    ),
    "text": (
        {"family": "bag", "size": 1, "depth": 1, "dropout": 0.3, "lr": 0.003},
        {"family": "text_cnn", "size": 1, "depth": 1, "dropout": 0.3, "lr": 0.003},
        {"family": "recurrent", "size": 1, "depth": 1, "dropout": 0.3, "lr": 0.003},
        {"family": "transformer", "size": 1, "depth": 2, "dropout": 0.1, "lr": 0.001},
    ),
}


def defaults(card: Card) -> list[Settings]:
    """Settings to begin with for this data, one for each family, in order."""
    fitted: dict[str, Any] = {"epochs": usual_epochs(card), "batch_size": min(32, max(batch_sizes(card)))}
    if card.task == "regression":  # there is nothing to smooth
        fitted["label_smoothing"] = 0.0
    return [_COMMON | model | fitted for model in _MODELS[card.kind]]


def smaller(settings: Settings) -> Iterator[Settings]:
    """The settings, then ever smaller ones: narrower, then shallower, then with the fewest epochs."""
    yield settings
    for size in reversed(range(settings["size"])):
        yield {**settings, "size": size}
    for depth in reversed(range(1, settings["depth"])):
        yield {**settings, "size": 0, "depth": depth}
    yield {**settings, "size": 0, "depth": 1, "epochs": max(1, settings["epochs"] // 3)}


def smallest(card: Card) -> dict[str, Settings]:
    """The smallest settings of each family for this data, by family."""
    last = [list(smaller(settings))[-1] for settings in defaults(card)]
    by_family = {settings["family"]: settings for settings in last}
    known = {name: by_family[name] for name in FAMILIES_OF[card.kind]}
    family = SMALLEST_FAMILY[card.kind]
    return known | {family: {**last[0], "family": family}}
