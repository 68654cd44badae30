"""From what searches took to a table: medians, and intervals of their differences by a paired bootstrap.

A search that never got there counts as longer than all that did; two such are equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from trials import Spent

RESAMPLES = 10_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fewer:
    """The difference of two medians, and its interval of 95 %; positive where ours is smaller."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_told(self.median)} [{_told(self.low)}, {_told(self.high)}]"


def lengths(spent: Sequence[Spent], what: str) -> Floats:
    """`experiments` or `seeds` of each search; infinite where the goal was not reached."""
    return np.array([getattr(each, what) if each.reached else np.inf for each in spent])


def fewer(ours: Floats, theirs: Floats) -> Fewer:
    """How much shorter ours are than theirs on the same surfaces, in the median."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(ours), size=(RESAMPLES, len(ours)))
    resampled = _less(_median(theirs[rows]), _median(ours[rows]))
    low, high = np.quantile(resampled, (0.025, 0.975), method="inverted_cdf")
    return Fewer(float(_less(_median(theirs), _median(ours))), float(low), float(high))


def median(values: Floats) -> str:
    """The median for a table."""
    return _told(float(_median(values)))


def _median(values: Floats) -> Floats:
    """The lower one of two in the middle, which is never a mean of a finite and an infinite one."""
    return np.quantile(values, 0.5, axis=-1, method="inverted_cdf")


def _less(theirs: Floats, ours: Floats) -> Floats:
    equal = theirs == ours  # also where both are infinite
    return np.where(equal, 0.0, np.where(equal, 0.0, theirs) - np.where(equal, 0.0, ours))


def _told(value: float) -> str:
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.0f}".replace("-", "−")
