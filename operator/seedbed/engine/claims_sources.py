"""A look whose error has two sources: the candidate's seeds, and something that more seeds don't shrink.

Shared by the `Population` estimand (the second source is the sample of test items) and by an improvement over
a baseline (its own seeds). With A = s²/n of the n seeds and E of the other source, each with its degrees of
freedom, SE = √(A+E) and ν = (A+E)² / (A²/(n−1) + E²/d): Satterthwaite (1946), Welch (1947). With E = 0 every
function here gives what its namesake in `claims` gives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special, stats

from seedbed.engine.claims import FUTILITY, LOOKS, LookResult
from seedbed.engine.intervals import Interval, mean, sample_sd


@dataclass(frozen=True)
class Source:
    """The second source of error: its share of the variance of the difference, and its degrees of freedom."""

    variance: float
    degrees: float


@dataclass(frozen=True)
class Error:
    """A standard error and its degrees of freedom."""

    se: float
    degrees: float


def combined(variance: float, degrees: float, other: Source) -> Error:
    """√(A+E) with Satterthwaite's ν; `variance` is A, of `degrees` degrees of freedom, and positive."""
    total = variance + other.variance
    doubt = variance**2 / degrees + other.variance**2 / other.degrees
    return Error(math.sqrt(total), total**2 / doubt)


def t_critical(alpha: float, degrees: float) -> float:
    """t⁻¹(1 − αₖ/4; ν), for a ν that is no whole number."""
    return float(special.stdtrit(degrees, 1 - alpha / len(LOOKS)))


def seeds_error(sd: float, n: int, other: Source) -> Error:
    """The error of a mean over n seeds of standard deviation `sd`, with the other source."""
    return combined(sd**2 / n, n - 1, other)


def look(
    scores: Sequence[float], other: Source, alpha: float, target: float, resolution: float, last: int
) -> LookResult:
    """Judge the first len(scores) seeds of an attempt: t = (x̄−τ)/SE against t⁻¹(1 − αₖ/4; ν).

    Args:
        scores: of the seeds in the order of their index.
        other: the second source of error at this look.
        alpha: the attempt's share αₖ.
        target: τ.
        resolution: the metric's smallest step, the floor of s as in `claims`.
        last: the attempt's final look.
    """
    n, centre, sd = len(scores), mean(scores), sample_sd(scores)
    error = seeds_error(max(sd, resolution), n, other)
    critical = t_critical(alpha, error.degrees)
    statistic = (centre - target) / error.se
    decision: Literal["Achieved", "Futile", "Continue", "NotReached"] = "Continue"
    if statistic >= critical:
        decision = "Achieved"
    elif n >= last:
        decision = "NotReached"
    elif chance_at_last(centre - target, max(sd, resolution), n, last, other, alpha) < FUTILITY:
        decision = "Futile"
    return LookResult(n, centre, sd, statistic, critical, centre - critical * error.se, decision)


def chance_at_last(margin: float, sd: float, n: int, last: int, other: Source, alpha: float) -> float:
    """The chance to pass at the last look, if the seeds to come are like those seen (STATISTICS section 2.5).

    P(T₍n−1₎ ≥ (c_N·SE_N − margin) / (s·√(1/n − 1/N))); `margin` is x̄ₙ − τ.
    """
    final = seeds_error(sd, last, other)
    needed = t_critical(alpha, final.degrees) * final.se - margin
    return float(stats.t.sf(needed / (sd * math.sqrt(1 / n - 1 / last)), n - 1))


def interval(scores: Sequence[float], other: Source, resolution: float, confidence: float) -> Interval:
    """x̄ ± t⁻¹(1 − α/2; ν)·SE, for a number of seeds that was fixed beforehand."""
    n, centre = len(scores), mean(scores)
    error = seeds_error(max(sample_sd(scores), resolution), n, other)
    half = float(special.stdtrit(error.degrees, (1 + confidence) / 2)) * error.se
    return Interval(centre - half, centre + half, n)


def repeated_interval(
    scores: Sequence[float], other: Source, resolution: float, confidence: float = 0.95
) -> Interval:
    """x̄ ± t⁻¹(1 − α/8; ν)·SE: covers at every look at once."""
    return interval(scores, other, resolution, 1 - (1 - confidence) / len(LOOKS))
