"""Select, then confirm: the rules by which a candidate is dropped, nominated and confirmed.

STATISTICS sections 2.2 to 2.7 for the `Benchmark` estimand. Every function takes scores in the order of their
seeds' index: with a correlation of −.5 between run time and score, the order of completion would raise the
first attempt's size from .0215 to .094.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from scipy import stats

from seedbed.engine.intervals import Interval, mean, sample_sd, t_quantile
from seedbed_runner.contract.metrics import Metric

LOOKS = (4, 6, 9, 12)
FUTILITY = 0.10
_ROUNDING = 1e-9  # a target of 1 − r, written in decimals, must not be refused for its last bit


def looks(confirm_seeds: int) -> tuple[int, ...]:
    """The looks that at most `confirm_seeds` seeds allow."""
    return tuple(n for n in LOOKS if n <= confirm_seeds)


def drops(scores: Sequence[float], target: float, sd: float) -> bool:
    """Whether the running mean of n seeds is below target − 0.5·σ̂/√n."""
    return mean(scores) < target - 0.5 * sd / math.sqrt(len(scores))


def nomination_threshold(attempt: int, target: float, sd: float, bound: float, resolution: float) -> float:
    """Target + (1 + 0.5·(attempt−1))·σ̂, at most one resolution step below the metric's bound."""
    wanted = target + (1 + 0.5 * (attempt - 1)) * sd
    return min(wanted, bound - resolution)


def attempt_alpha(attempt: int, confidence: float) -> float:
    """αₖ = 6α/(π²k²): the shares of all attempts sum to α at most."""
    return 6 * (1 - confidence) / (math.pi**2 * attempt**2)


def critical_value(alpha: float, n: int) -> float:
    """t⁻¹(1 − αₖ/4; n−1): a Bonferroni share of an attempt's α for each of the four looks."""
    return t_quantile(1 - alpha / len(LOOKS), n - 1)


def look_statistic(scores: Sequence[float], target: float, resolution: float) -> float:
    """tₙ = (x̄ₙ − τ)·√n / max(sₙ, r) over all seeds, diverged ones included.

    The floor r, the metric's resolution, keeps four equal scores from being t = ∞.
    """
    return (mean(scores) - target) * math.sqrt(len(scores)) / max(sample_sd(scores), resolution)


def decisive_bound(scores: Sequence[float], alpha: float, resolution: float) -> float:
    """x̄ − t⁻¹(1−αₖ/4; n−1)·max(s, r)/√n: at or above the target exactly when the look passes."""
    n = len(scores)
    return mean(scores) - critical_value(alpha, n) * max(sample_sd(scores), resolution) / math.sqrt(n)


def repeated_interval(scores: Sequence[float], confidence: float = 0.95) -> Interval:
    """x̄ ± t⁻¹(1 − α/8; n−1)·s/√n: covers at every look at once."""
    n = len(scores)
    half = t_quantile(1 - (1 - confidence) / 8, n - 1) * sample_sd(scores) / math.sqrt(n)
    centre = mean(scores)
    return Interval(centre - half, centre + half, n)


@cache
def futility_bound(alpha: float, n: int, last: int) -> float:
    """The smallest tₙ with a chance of .10 to pass at the last look: below it, give up.

    Solves P(T₍n−1₎ ≥ (c_N/√N − tₙ/√n) / √(1/n − 1/N)) = .10 for tₙ.
    """
    needed = critical_value(alpha, last) / math.sqrt(last)
    reach = float(stats.t.isf(FUTILITY, n - 1)) * math.sqrt(1 / n - 1 / last)
    return (needed - reach) * math.sqrt(n)


@dataclass(frozen=True)
class LookResult:
    """One look at the first `n` seeds."""

    n: int
    mean: float
    sd: float
    statistic: float
    critical: float
    bound: float
    decision: Literal["Achieved", "Futile", "Continue", "NotReached"]


def look(scores: Sequence[float], alpha: float, target: float, resolution: float, last: int) -> LookResult:
    """Judge the first len(scores) seeds of an attempt; `last` is the attempt's final look."""
    n = len(scores)
    statistic = look_statistic(scores, target, resolution)
    critical = critical_value(alpha, n)
    decision: Literal["Achieved", "Futile", "Continue", "NotReached"] = "Continue"
    if statistic >= critical:
        decision = "Achieved"
    elif n >= last:
        decision = "NotReached"
    elif statistic < futility_bound(alpha, n, last):
        decision = "Futile"
    bound = decisive_bound(scores, alpha, resolution)
    return LookResult(n, mean(scores), sample_sd(scores), statistic, critical, bound, decision)


def confirm(
    scores: Sequence[float], alpha: float, target: float, resolution: float, confirm_seeds: int = LOOKS[-1]
) -> list[LookResult]:
    """The path of an attempt over the scores that are there, in the order of their seeds.

    It ends at the first look that decides; scores between looks, and after the decision, are not used.
    """
    path: list[LookResult] = []
    planned = looks(confirm_seeds)
    for n in planned:
        if n > len(scores):
            break
        path.append(look(scores[:n], alpha, target, resolution, planned[-1]))
        if path[-1].decision != "Continue":
            break
    return path


def target_problem(target: float, metric: Metric, items: int) -> str | None:
    """Why no confirmation on `items` test items could show this target; None if one could."""
    resolution, sign = metric.resolution(items), 1 if metric.direction == "Maximize" else -1
    if sign * (metric.bound - target) >= resolution * (1 - _ROUNDING):
        return None
    below, above, most = ("below", "above", "most") if sign > 0 else ("above", "below", "least")
    best = metric.bound - sign * resolution
    return (
        f"`target` is {target:g} but on a test split of {items} items the step {below} {metric.bound:g} is "
        f"{best:.4f}: a mean {above} the target can't be told from a perfect score; give a target of at "
        f"{most} {best:.4f}, or a larger test split"
    )
