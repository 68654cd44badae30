"""What a layer's argument may be: a reader for each kind of value, with the rule in words.

`contract.layers.table` declares each layer type's arguments with these kinds; `contract.layers.check` reads
what a manifest gives and says the rule when it does not fit. Booleans are never numbers here, although
Python's are, and no string is ever turned into a number.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_WIDTH = 65_536  # channels or features of one layer
MAX_TOKENS = 10_000_000  # of an embedding
MAX_SIDE = 1_024  # kernels, strides, paddings and adaptive output sizes
CLASSES = "classes"  # stands for the data's number of classes wherever a width is given
VOCABULARY = "vocabulary"  # stands for how many tokens the data have


class Unreadable(ValueError):
    """A value that its argument does not take."""


class Required:
    """The type of `REQUIRED`."""


REQUIRED = Required()


@dataclass(frozen=True)
class Kind:
    """A kind of value: the `rule` in words, and a reader that raises `Unreadable` for anything else."""

    rule: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Argument:
    """One argument of a layer type; without a default it must be given."""

    kind: Kind
    default: Any = REQUIRED


def whole(low: int, high: int) -> Kind:
    """A whole number in [low, high]."""

    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise Unreadable
        return value

    return Kind(f"a whole number from {low} to {high}", read)


def real(low: float, high: float) -> Kind:
    """A finite number in [low, high]."""

    def read(value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise Unreadable
        return float(value)

    return Kind(f"a number from {low:g} to {high:g}", read)


def choice(*values: str) -> Kind:
    """One of some words."""

    def read(value: Any) -> str:
        if type(value) is not str or value not in values:
            raise Unreadable
        return value

    return Kind(f"one of {', '.join(values)}", read)


def _read_flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Unreadable
    return value


FLAG = Kind("true or false", _read_flag)


def either(word: Kind, other: Kind) -> Kind:
    """A value of one of two kinds."""

    def read(value: Any) -> Any:
        return word.read(value) if type(value) is str else other.read(value)

    return Kind(f"{other.rule}, or {word.rule}", read)


CHANNELS = whole(1, MAX_WIDTH)
WIDTH = either(Kind(f"`{CLASSES}`", choice(CLASSES).read), CHANNELS)
TOKENS = either(Kind(f"`{VOCABULARY}`", choice(VOCABULARY).read), whole(1, MAX_TOKENS))


def sides(dims: int, low: int, high: int = MAX_SIDE) -> Kind:
    """One whole number a dimension, read as a tuple of `dims`; a single number stands for all of them."""
    number = whole(low, high)

    def read(value: Any) -> tuple[int, ...]:
        if not isinstance(value, list | tuple):
            return (number.read(value),) * dims
        if len(value) != dims:
            raise Unreadable
        return tuple(number.read(side) for side in value)

    return Kind(number.rule if dims == 1 else f"{number.rule}, or a list of {dims} of them", read)


def sizes(longest: int) -> Kind:
    """A list of 1 to `longest` whole numbers, read as a tuple."""

    def read(value: Any) -> tuple[int, ...]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= longest:
            raise Unreadable
        return tuple(CHANNELS.read(size) for size in value)

    return Kind(f"a list of 1 to {longest} whole numbers from 1 to {MAX_WIDTH}", read)


def _read_layers(value: Any) -> list[Any]:
    if type(value) is not list or not value:
        raise Unreadable
    return value


LAYERS = Kind("a list of one or more layers", _read_layers)  # `check` reads what is in it
