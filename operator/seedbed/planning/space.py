"""The search planner's space for a dataset: which settings there are, and what a choice of them means.

One flat space for all families of a kind of data. A range depends on the card alone, so that it never moves
while a goal is searched.
"""

from collections.abc import Sequence

from seedbed.api.training import EarlyStopping, ModelSpec, Optimizer, Schedule, Training
from seedbed.planning.dimensions import Choice, Real, Settings, Space, Whole, two_digits
from seedbed.planning.families import FAMILIES
from seedbed_runner.contract.records import Card

FAMILIES_OF = {
    "image": ("cnn", "residual_cnn", "mlp"),
    "tabular": ("mlp", "residual_mlp", "linear"),
    "text": ("bag", "text_cnn", "recurrent", "transformer"),
}
SMALLEST_FAMILY = {"image": "linear", "tabular": "linear", "text": "bag"}
SGD_FACTOR = 10.0  # what SGD's learning rate is multiplied by: it works at higher ones than AdamW
SLICE_ITEMS = 200  # early stopping is off where its slice would be smaller

_BATCH_SIZES = (16, 32, 64, 128, 256)


def space(card: Card, families: Sequence[str]) -> Space:
    """The dimensions for this data, with these families of models."""
    usual = usual_epochs(card)
    can_stop = int(card.sizes["train"] * EarlyStopping().fraction) >= SLICE_ITEMS
    return {
        "family": Choice(tuple(families)),
        "size": Whole(0, 4),
        "depth": Whole(1, 4),
        "norm": Choice((True, False)),
        "activation": Choice(("ReLU", "GELU", "SiLU")),
        "dropout": Choice((0.0, 0.1, 0.2, 0.3, 0.5)),
        "optimizer": Choice(("AdamW", "SGD")),
        "lr": Real(0.0003, 0.03),
        "weight_decay": Real(0.00001, 0.1),
        "schedule": Choice(("OneCycle", "Cosine", "Constant")),
        "epochs": Whole(max(1, usual // 3), 3 * usual, log=True),
        "batch_size": Choice(batch_sizes(card)),
        "label_smoothing": Choice((0.0, 0.05, 0.1, 0.2) if card.task == "classification" else (0.0,)),
        "early_stopping": Choice((False, True) if can_stop else (False,)),
    }


def usual_epochs(card: Card) -> int:
    """As many passes as show the model 16,000 items; 8 to 100 of them."""
    return min(100, max(8, round(16_000 / card.sizes["train"])))


def batch_sizes(card: Card) -> tuple[int, ...]:
    """Those with at least four steps a pass."""
    return tuple(size for size in _BATCH_SIZES if 4 * size <= card.sizes["train"]) or _BATCH_SIZES[:1]


def model_of(settings: Settings, card: Card) -> ModelSpec:
    """The model that the settings mean for this data."""
    return ModelSpec(layers=FAMILIES[settings["family"]].build(settings, card.input_shape))


def training_of(settings: Settings) -> Training:
    """The training that the settings mean."""
    sgd = settings["optimizer"] == "SGD"
    rate = two_digits(settings["lr"] * SGD_FACTOR) if sgd else settings["lr"]
    return Training(
        optimizer=Optimizer(type=settings["optimizer"], lr=rate, weight_decay=_decay(settings)),
        schedule=Schedule(type=settings["schedule"]),
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        label_smoothing=settings["label_smoothing"],
        early_stopping=EarlyStopping() if settings["early_stopping"] else None,
    )


def _decay(settings: Settings) -> float:
    """SGD adds it to the gradient, whose step is `SGD_FACTOR` times larger; AdamW decays by lr × decay."""
    decay: float = settings["weight_decay"]
    return two_digits(decay / SGD_FACTOR) if settings["optimizer"] == "SGD" else decay
