"""Intervals over seeds, and what is pooled from them (STATISTICS sections 1 and 2.2)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from scipy import stats

MINIMUM_POOLED_DEGREES = 5


@cache
def t_quantile(probability: float, degrees: int) -> float:
    """Student's t quantile; cached, since a search asks for few and the same."""
    return float(stats.t.ppf(probability, degrees))


def mean(scores: Sequence[float]) -> float:
    """Arithmetic mean; `math.fsum`, so that it does not depend on the order of the scores."""
    return math.fsum(scores) / len(scores)


def sample_sd(scores: Sequence[float]) -> float:
    """Sample standard deviation (n − 1); 0 for equal scores.

    Raises:
        ValueError: fewer than two scores.
    """
    if len(scores) < 2:
        raise ValueError("a standard deviation needs two scores or more")
    centre = mean(scores)
    return math.sqrt(math.fsum((score - centre) ** 2 for score in scores) / (len(scores) - 1))


@dataclass(frozen=True)
class Interval:
    """A confidence interval for a mean over seeds; n = 2 is shown but decides nothing."""

    low: float
    high: float
    n: int


def t_interval(scores: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Student-t interval x̄ ± t(1−α/2; n−1)·s/√n; None for fewer than two scores.

    Source: Student (1908); why not a bootstrap: percentile intervals cover .74 at n = 3.
    """
    n = len(scores)
    if n < 2:
        return None
    half = t_quantile((1 + confidence) / 2, n - 1) * sample_sd(scores) / math.sqrt(n)
    centre = mean(scores)
    return Interval(centre - half, centre + half, n)


def in_short(centre: float, interval: Interval | None, n: int, diverged: int) -> str:
    """`0.9868 [0.9740, 0.9996], 0 of 4 diverged`: a mean as it is shown where there is a line for it."""
    ends = "" if interval is None else f" [{interval.low:.4f}, {interval.high:.4f}]"
    return f"{centre:.4f}{ends}, {diverged} of {n} diverged"


def clopper_pearson_upper(events: int, trials: int, confidence: float = 0.95) -> float:
    """One-sided upper bound on a rate after `events` of `trials` (Clopper and Pearson 1934)."""
    if events >= trials:
        return 1.0
    return float(stats.beta.ppf(confidence, events + 1, trials - events))


@dataclass(frozen=True)
class SeedScores:
    """One candidate's exploration: scores in the order of their seeds, and which of them diverged."""

    scores: tuple[float, ...]
    diverged: tuple[bool, ...]

    @property
    def converged(self) -> tuple[float, ...]:
        """The scores of the seeds that did not diverge."""
        return tuple(
            score for score, diverged in zip(self.scores, self.diverged, strict=True) if not diverged
        )


def pooled_sd(candidates: Iterable[SeedScores], target: float, prior_sd: float) -> float:
    """σ̂, the standard deviation over seeds of candidates near the target.

    Σ(nⱼ−1)sⱼ² / Σ(nⱼ−1) over the converged exploration seeds of candidates whose mean is at least
    target − 3·prior_sd; under 5 degrees of freedom the prior (STATISTICS section 2.2).
    """
    squares, degrees = [], 0
    for candidate in candidates:
        kept = candidate.converged
        if len(kept) >= 2 and mean(candidate.scores) >= target - 3 * prior_sd:
            squares.append((len(kept) - 1) * sample_sd(kept) ** 2)
            degrees += len(kept) - 1
    if degrees < MINIMUM_POOLED_DEGREES:
        return prior_sd
    return math.sqrt(math.fsum(squares) / degrees)
