"""How much of each budget a goal has used: pure, from the goal and the time.

A budget that can't run out, or that the goal's planner does not draw on, is left out.
"""

from dataclasses import dataclass

from seedbed.api import ResearchGoal
from seedbed.api.common import seconds
from seedbed.engine.instants import to_epoch

BUDGETS = ("experiments", "confirmations", "failures", "gpuHours", "tokens", "deadline")
NEARLY = 0.9


@dataclass(frozen=True)
class Spent:
    """Shares by budget, and the working time: since when it counts, and how long it may be (seconds)."""

    shares: dict[str, float]
    began: float | None = None
    allowed: float = 0.0

    def nearly(self, now: float) -> list[str]:
        """The budgets of which at least nine tenths are used."""
        shares = dict(self.shares)
        if self.began is not None:
            shares["deadline"] = (now - self.began) / self.allowed
        return [budget for budget, share in shares.items() if share >= NEARLY]


def spent_by(goal: ResearchGoal) -> Spent:
    """What a goal has used; nothing once it is finished."""
    if goal.status.finished:
        return Spent({})
    budget, used = goal.spec.budget, goal.status.budget.used
    pairs: dict[str, tuple[float, float]] = {
        "experiments": (used.experiments, budget.experiments),
        "confirmations": (used.confirmations, budget.confirmations),
        "failures": (used.failures, budget.failures),
        "gpuHours": (used.gpu_hours, budget.gpu_hours),
        "tokens": (used.tokens, budget.tokens),
    }
    shares = {name: part / whole for name, (part, whole) in pairs.items() if whole > 0}
    status, allowed = goal.status, seconds(budget.deadline)
    if status.start_time is None or allowed <= 0:
        return Spent(shares)
    began = to_epoch(status.start_time) + status.paused_seconds
    if status.paused_since is not None:  # the clock stands
        return Spent(shares | {"deadline": (to_epoch(status.paused_since) - began) / allowed})
    return Spent(shares, began, allowed)
