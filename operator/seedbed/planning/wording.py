"""What a proposal of the search planner says of itself to people: true of what it does, and no more."""

import textwrap
from collections.abc import Mapping
from typing import Literal

from seedbed.api.progress import ExperimentLine
from seedbed.api.training import Training
from seedbed.planning import families
from seedbed.planning.dimensions import Settings
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import Card

Origin = Literal["default", "random", "model"]  # where a proposal's settings come from

_LONGEST = 500


def difference(
    training: Training, settings: Settings, old_training: Training, old_settings: Settings | None
) -> str:
    """What is new, as in "width 32 → 64, lr 0.001 → 0.0032".

    Args:
        training: of the proposal.
        settings: of the proposal.
        old_training: of what it is compared with.
        old_settings: of the same; None where another planner proposed it.
    """
    new = families.words(settings)
    if old_settings is None:
        parts = [f"another model: {_phrase(new)}"]
    else:
        parts = _model_parts(families.words(old_settings), new)
    parts += _parts(_training_words(old_training), _training_words(training))
    return textwrap.shorten(", ".join(parts), _LONGEST, placeholder=" …")


def hypothesis(origin: Origin, settings: Settings, card: Card, known: int) -> str:
    """Why this is worth trying.

    Args:
        origin: where the settings come from.
        settings: of the proposal.
        card: of the data.
        known: how many outcomes the search planner could learn from.
    """
    model = _phrase(families.words(settings))
    model, title = model[0].upper() + model[1:], textwrap.shorten(card.title, 100)
    if origin == "default":
        return f"{model} with training settings that often work: a sound start on {title}."
    if origin == "random":
        return f"{model}, drawn at random: its outcome tells of a part of the space not tried yet."
    return f"{model}: by a model of the {known} outcomes known, scores are likelier to be high here."


def expected_effect(origin: Origin, metric: str, best: ExperimentLine | None) -> str:
    """What should come of it, compared with the best so far."""
    if best is None or best.mean is None:
        return "A first score, to compare others with."
    so_far = f"{best.mean:.4f}, the best {metric} on validation so far (experiment {best.index})"
    if origin == "random":
        return f"Unknown, the draw is blind; to beat: {so_far}."
    return f"{'More' if METRICS[metric].direction == 'Maximize' else 'Less'} than {so_far}."


def _model_parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    if old["model"] == new["model"]:
        return _parts(old, new)
    return [f"{_phrase(old)} → {_phrase(new)}"]


def _phrase(words: Mapping[str, str]) -> str:
    own = ", ".join(f"{name} {value}" for name, value in words.items() if name != "model")
    return f"{words['model']} ({own})" if own else words["model"]


def _parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    names = [*old, *(name for name in new if name not in old)]
    pairs = [(name, old.get(name, "none"), new.get(name, "none")) for name in names]
    return [f"{name} {before} → {after}" for name, before, after in pairs if before != after]


def _training_words(training: Training) -> dict[str, str]:
    optimizer, schedule, stopping = training.optimizer, training.schedule, training.early_stopping
    momentum = f" (momentum {optimizer.momentum:g})" if optimizer.type == "SGD" else ""
    return {
        "optimizer": optimizer.type + momentum,
        "lr": f"{optimizer.lr:g}",
        "weight decay": f"{optimizer.weight_decay:g}",
        "schedule": schedule.type,
        "warm-up epochs": str(schedule.warmup_epochs),
        "epochs": str(training.epochs),
        "batch size": str(training.batch_size),
        "label smoothing": f"{training.label_smoothing:g}",
        "class weights": (training.class_weights or "none").lower(),
        "augmentation": " and ".join(training.augment).lower() if training.augment else "none",
        "clip norm": "off" if training.clip_norm is None else f"{training.clip_norm:g}",
        "early stopping": "off" if stopping is None else f"patience {stopping.patience}",
        "precision": training.precision,
    }
