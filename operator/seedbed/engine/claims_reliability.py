"""`test: Reliability`: every one of m fresh seeds reaches the target (STATISTICS section 2.8).

If at most a share q of all seeds reached it, m in a row would have a chance of at most qᵐ ≤ αₖ: no assumption
on the scores' distribution. One seed that misses, a diverged one too, ends the attempt; so seeds that come
after it need not run, and stopping there costs nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


def reliability_seeds(alpha: float, rate: float) -> int:
    """The seeds that must all pass: m = ⌈ln αₖ / ln q⌉.

    Args:
        alpha: the attempt's share αₖ.
        rate: q, the share of seeds that is claimed to reach the target, in (0, 1).

    Raises:
        ValueError: a rate outside (0, 1).
    """
    if not 0 < rate < 1:
        raise ValueError(f"`rate` is {rate:g} but the share of seeds that reach the target must be in (0, 1)")
    return math.ceil(math.log(alpha) / math.log(rate))


@dataclass(frozen=True)
class ReliabilityResult:
    """How an attempt stands: `passed` of `needed` seeds reached the target, in the order of their index.

    `bound` is the share of seeds that m of m would show, αₖ^(1/m): at least q. `used` counts the seeds that
    were looked at, `worst` is the lowest score among them.
    """

    needed: int
    passed: int
    used: int
    worst: float | None
    bound: float
    decision: Literal["Achieved", "Failed", "Continue"]


def confirm_reliability(
    scores: Sequence[float], alpha: float, target: float, rate: float
) -> ReliabilityResult:
    """Judge the seeds that are there; the first that misses the target, or is not a number, fails."""
    needed = reliability_seeds(alpha, rate)
    counted = scores[:needed]
    good = [math.isfinite(score) and score >= target for score in counted]
    passed = good.index(False) if False in good else len(good)
    failed = passed < len(counted)
    used = counted[: passed + 1]
    decision: Literal["Achieved", "Failed", "Continue"] = "Continue"
    if failed:
        decision = "Failed"
    elif passed == needed:
        decision = "Achieved"
    worst = min(used) if used else None
    return ReliabilityResult(needed, passed, len(used), worst, alpha ** (1 / needed), decision)
