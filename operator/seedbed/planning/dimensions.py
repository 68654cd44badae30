"""The dimensions of a search space: which values a setting can have, and how one is drawn.

Optuna has the same notions, but is slow to import and its floats have sixteen digits: here a real number is
kept to two, so that a proposal can be read and that the last bit of a logarithm never decides one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of some values, without an order."""

    values: tuple[Any, ...]

    def draw(self, random: Random) -> Any:
        """Each value alike."""
        return random.choice(self.values)

    def read(self, value: Any) -> Any:
        """The value as it was drawn, after it went through JSON; None if this dimension has no such value."""
        return next((known for known in self.values if _same(value, known)), None)


@dataclass(frozen=True)
class Whole:
    """A whole number in [low, high]; `log` spaces them evenly by ratio."""

    low: int
    high: int
    log: bool = False

    def draw(self, random: Random) -> int:
        """Evenly, or evenly by ratio."""
        if not self.log:
            return random.randint(self.low, self.high)
        return min(self.high, int(math.exp(random.uniform(math.log(self.low), math.log(self.high + 1)))))

    def read(self, value: Any) -> int | None:
        """The value as it was drawn, after it went through JSON; None if this dimension has no such value."""
        whole = type(value) is int or (type(value) is float and value.is_integer())
        return int(value) if whole and self.low <= value <= self.high else None


@dataclass(frozen=True)
class Real:
    """A number in [low, high], evenly by ratio, to two digits. The bounds have no more digits either."""

    low: float
    high: float

    def draw(self, random: Random) -> float:
        """Evenly by ratio."""
        return two_digits(math.exp(random.uniform(math.log(self.low), math.log(self.high))))

    def read(self, value: Any) -> float | None:
        """The value as it was drawn, after it went through JSON; None if this dimension has no such value."""
        return float(value) if type(value) in (int, float) and self.low <= value <= self.high else None


Dimension = Choice | Whole | Real
Space = dict[str, Dimension]


def _same(value: Any, known: Any) -> bool:
    """Equal, where 1 and 1.0 are, but neither of them and True."""
    return bool(value == known) and isinstance(value, bool) == isinstance(known, bool)


def two_digits(value: float) -> float:
    """The value rounded to two significant digits."""
    return float(f"{value:.1e}")
