"""`Minimize` by negation: the claims are written for "higher is better", and stay as they are.

Scores, target and the metric's bound go in through `inward`; means, bounds and intervals come out through
`outward`. Standard deviations, resolutions, statistics and α have no direction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from seedbed.engine.claims import LookResult
from seedbed.engine.intervals import Interval

Direction = Literal["Maximize", "Minimize"]


@dataclass(frozen=True)
class Orientation:
    """The view of one metric's values in which higher is better."""

    direction: Direction

    def inward(self, value: float) -> float:
        """A value as the claims see it; applied twice it is the value again."""
        return -value if self.direction == "Minimize" else value

    def scores(self, values: Iterable[float]) -> tuple[float, ...]:
        """Scores as the claims see them."""
        return tuple(map(self.inward, values))

    def interval(self, interval: Interval) -> Interval:
        """An interval in the metric's own unit: negated, its ends change places."""
        if self.direction == "Maximize":
            return interval
        return Interval(-interval.high, -interval.low, interval.n)

    def look(self, result: LookResult) -> LookResult:
        """A look in the metric's own unit: for Minimize the bound that decided is an upper one."""
        return replace(result, mean=self.inward(result.mean), bound=self.inward(result.bound))
