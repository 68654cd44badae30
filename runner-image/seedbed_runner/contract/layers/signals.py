"""What flows between layers, and the sentences for a layer that can't take it. Called by `resolve` alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seedbed_runner.contract.layers.arguments import CLASSES, VOCABULARY
from seedbed_runner.contract.layers.effects import Shape, words
from seedbed_runner.contract.layers.plan import LayerError
from seedbed_runner.contract.layers.table import TABLE

MAX_ACTIVATIONS = 100_000_000  # values of one layer's output, an item

_RANKS = {1: "features", 2: "channels × length", 3: "channels × height × width"}


@dataclass(frozen=True)
class Signal:
    """What a layer gives to the next.

    Attributes:
        shape: of an item.
        integers: whether it is token ids still.
        positions: whether its first dimension is a text's positions, so that one knows which are padding.
    """

    shape: Shape
    integers: bool = False
    positions: bool = False


@dataclass(frozen=True)
class Words:
    """The numbers that `classes` and `vocabulary` stand for; no vocabulary: the data are no texts."""

    classes: int
    vocabulary: int

    def read(self, value: Any) -> Any:
        """An argument, with the number in place of the word."""
        if value == CLASSES:
            return self.classes
        return self.vocabulary if value == VOCABULARY else value


def require_input(name: str, where: str, signal: Signal, known: Words) -> None:
    """Refuse what the layer of that name can't take.

    Raises:
        LayerError: with what comes in and what the layer needs.
    """
    kind = TABLE[name]
    if signal.integers and kind.integers == "refused":
        raise LayerError(f"{where}: tokens (whole numbers) come in: put an Embedding before it")
    if not signal.integers and kind.integers == "needed":
        raise LayerError(f"{where}: needs tokens (whole numbers), but what comes in are real numbers")
    if kind.needs_positions and not signal.positions:
        raise LayerError(f"{where}: needs the positions of a text, {_why_none(signal, known)}")
    if kind.ranks and len(signal.shape) not in kind.ranks:
        needed = " or ".join(_rank(rank, signal) for rank in kind.ranks)
        raise LayerError(
            f"{where}: needs {needed}, but {words(signal.shape)} comes in{_sibling(name, signal.shape)}"
        )


def _why_none(signal: Signal, known: Words) -> str:
    if not known.vocabulary:
        return f"but the data are no texts ({words(signal.shape)} comes in)"
    return (
        f"which a layer before it mixed, moved or pooled ({words(signal.shape)} comes in): put it before "
        "such a layer, or take AdaptiveMaxPool1d and Flatten"
    )


def _rank(rank: int, signal: Signal) -> str:
    return "positions × features" if signal.positions and rank == 2 else _RANKS[rank]


def _sibling(name: str, shape: Shape) -> str:
    """The hint to use Conv2d instead of Conv1d, or the like, where that would fit."""
    other = {"1d": "2d", "2d": "1d"}.get(name[-2:], "")
    fits = name[:-2] + other in TABLE and len(shape) in TABLE[name[:-2] + other].ranks
    return f": use {name[:-2]}{other}" if fits else ""


def require_vocabulary(where: str, arguments: Mapping[str, Any], known: Words) -> None:
    """Refuse an embedding that lacks vectors for some of the data's tokens."""
    given = arguments.get("num_embeddings", known.vocabulary)
    if given < known.vocabulary:
        raise LayerError(
            f"{where}: num_embeddings {given} is less than the {known.vocabulary} tokens of the data's "
            "vocabulary: leave it out"
        )


def require_size(where: str, output: Shape) -> None:
    """Refuse an output beyond the limit of this module."""
    if math.prod(output) > MAX_ACTIVATIONS:
        raise LayerError(
            f"{where}: gives {words(output)} = {math.prod(output):,} values an item, at most "
            f"{MAX_ACTIVATIONS:,} are allowed"
        )


def require_classes(last: Signal, classes: int) -> None:
    """Refuse a last layer that does not give one value a class."""
    if last.shape == (classes,):
        return
    due = f"the data has {classes} classes" if classes > 1 else "one value is due"
    before = "" if len(last.shape) == 1 else "{type: Flatten} and "
    if last.positions and len(last.shape) == 2:
        before = "{type: MaskedMeanPool} and "
    raise LayerError(
        f"the last layer gives {words(last.shape)} but {due}: end with {before}"
        "{type: Linear, out_features: classes}"
    )
