"""A design before anything is spent: what its confirmations can show, and what its search will take.

Lays `power` out over margins and attempts, for `research-agent plan-seeds`. Margins are in the metric's unit
and positive in its better direction; a mean has so much `room` between the target and the metric's bound.
"""

from dataclasses import dataclass

from seedbed.engine.power import (
    ConfirmationPower,
    SearchPlan,
    SearchPower,
    confirmation_power,
    needed_margin,
    search_power,
)

POWERS = (0.80, 0.90, 0.95)
MULTIPLES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
OTHERS = 0.25  # a candidate that is not good lies so many sd on the wrong side: the hard case
_ROUNDING = 1e-9  # 1 − .9 is a little less than .1
_SHOWN_ATTEMPTS = (1, 2, 3, 5)


@dataclass(frozen=True)
class Design:
    """What a goal would fix, and what is believed of its candidates.

    Attributes:
        sd: σ over seeds, the same for every candidate.
        prior_sd: the goal's declared standard deviation.
        confidence: of the goal.
        attempts: confirmations that the budget allows.
        confirm: at most so many seeds of a confirmation.
        explore: exploration seeds of a candidate.
        candidates: experiments that the budget allows.
        good: the share of candidates that are beyond the target.
        room: from the target to the metric's bound; None: no target is known.
    """

    sd: float
    prior_sd: float
    confidence: float = 0.95
    attempts: int = 5
    confirm: int = 12
    explore: int = 2
    candidates: int = 20
    good: float = 0.1
    room: float | None = None

    @property
    def shown_attempts(self) -> list[int]:
        """The attempts worth a column: the first few, and the last."""
        return sorted({*(each for each in _SHOWN_ATTEMPTS if each < self.attempts), self.attempts})

    def possible(self, margin: float) -> bool:
        """Whether a mean can be so far beyond the target."""
        return self.room is None or margin <= self.room * (1 + _ROUNDING)

    def confirmation(self, margin: float, attempt: int) -> ConfirmationPower:
        """Power and mean seeds of one attempt."""
        return confirmation_power(
            margin, self.sd, attempt=attempt, confidence=self.confidence, confirm_seeds=self.confirm
        )

    def needed(self, power: float, attempt: int) -> float:
        """The smallest margin that an attempt shows with this power."""
        return needed_margin(
            self.sd, power=power, attempt=attempt, confidence=self.confidence, confirm_seeds=self.confirm
        )

    def usual_margin(self) -> float:
        """The margin to look at when none is asked for: about what attempt 1 shows with a chance of .80."""
        margin = float(f"{self.needed(POWERS[0], 1):.2g}")
        return margin if self.room is None else min(margin, self.room)

    def margins_around(self, margin: float) -> list[float]:
        """Margins from a quarter of this one to twice as much, as far as they are possible."""
        return [each * margin for each in MULTIPLES if self.possible(each * margin)]

    def search(self, margin: float) -> SearchPower:
        """A whole search whose good candidates have this margin."""
        return search_power(
            SearchPlan(
                experiments=self.candidates,
                good=self.good,
                margin=margin,
                shortfall=OTHERS * self.sd,
                sd=self.sd,
                confirm_seeds=self.confirm,
                confirmations=self.attempts,
                explore=self.explore,
                confidence=self.confidence,
                prior_sd=self.prior_sd,
            )
        )
