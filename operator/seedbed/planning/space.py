"""The search planner's space for a dataset: which settings there are, and what a choice of them means.

One flat space for all families of a kind of data. It depends on the card and on the goal's metric alone, so
that it never moves while a goal is searched. A setting that can do no good on some data is no dimension
there.
"""

from collections.abc import Sequence
from typing import Any

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

# Settings that are dimensions for some data only: what they are for others, and in proposals of before.
AS_BEFORE: Settings = {"augment": "", "class_weights": False}
CLASS_AVERAGES = ("balanced_accuracy", "f1_macro", "precision_macro", "recall_macro")
IMBALANCED = 2.0  # the largest class's size over the smallest's, from which rare classes are given weight


def space(card: Card, families: Sequence[str], metric: str) -> Space:
    """The dimensions for this data and metric, with these families of models."""
    return _common(card, families) | _augmentation(card) | _weighting(card, metric)


def as_before(dimensions: Space) -> Settings:
    """Those of them that this space has."""
    return {name: value for name, value in AS_BEFORE.items() if name in dimensions}


def _augmentation(card: Card) -> Space:
    """Moves of images, and mirror images of photographs; names of `spec.training.augment`, with a + between.

    None of what the generator draws: its pixels have no neighbours, and moved ones are of another class.
    """
    if card.kind != "image" or card.task != "classification" or card.name == "synthetic":
        return {}
    return {"augment": Choice(("", "Crop", "Flip+Crop") if _are_photographs(card) else ("", "Crop"))}


def _are_photographs(card: Card) -> bool:
    """Whether a mirror image is of the same class: taken to be so of colour images of things with names.

    Digits, letters and numbered signs are another class or none when mirrored.
    """
    in_colour, names = card.input_shape[0] == 3, card.class_names
    return in_colour and bool(names) and not any(len(name) == 1 or name.isdigit() for name in names)


def _weighting(card: Card, metric: str) -> Space:
    """Weights of the classes, where some are rare and the metric counts each class alike."""
    if metric not in CLASS_AVERAGES or card.imbalance < IMBALANCED:
        return {}
    return {"class_weights": Choice((False, True))}


def _common(card: Card, families: Sequence[str]) -> Space:
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
        **_of_some_data({**AS_BEFORE, **settings}),
    )


def _of_some_data(settings: Settings) -> dict[str, Any]:
    """What is left out of the training where it is not wanted."""
    weights = {"class_weights": "Balanced"} if settings["class_weights"] else {}
    return weights | ({"augment": settings["augment"].split("+")} if settings["augment"] else {})


def _decay(settings: Settings) -> float:
    """SGD adds it to the gradient, whose step is `SGD_FACTOR` times larger; AdamW decays by lr × decay."""
    decay: float = settings["weight_decay"]
    return two_digits(decay / SGD_FACTOR) if settings["optimizer"] == "SGD" else decay
