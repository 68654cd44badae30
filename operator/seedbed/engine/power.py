"""What a design can show, before anything is spent, and what was missing after it failed.

For the `Benchmark` estimand and near-normal scores. A margin is the true mean less the target. A
confirmation's power and seeds come from running `claims.confirm` itself on 2,048 points of a Sobol sequence
in 12 dimensions, turned into normal scores: no randomness, within .01 of the exact value. A whole search is
simulated through `rehearsal.rehearse` with a fixed seed, and its standard error is part of the answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from scipy import special, stats
from scipy.stats import qmc

from seedbed.engine.claims import LOOKS, attempt_alpha, confirm, critical_value, looks
from seedbed.engine.intervals import mean, sample_sd
from seedbed.engine.rehearsal import Candidate, Rules, rehearse

WANTED = 0.80
_LOG2_POINTS = 11
_GOLDEN = (math.sqrt(5) - 1) / 2
_MOST_SEEDS = 100_000


@dataclass(frozen=True)
class ConfirmationPower:
    """One attempt: the chance that it is Achieved, and the seeds that it takes on average."""

    power: float
    seeds: float


@cache
def _normal_scores() -> tuple[tuple[float, ...], ...]:
    """2,048 × 12 standard normal scores, evenly spread.

    The points are shifted by multiples of the golden ratio (Cranley and Patterson 1976): as they come, the
    first ones lie on the diagonal, where all twelve scores are equal.
    """
    points = qmc.Sobol(LOOKS[-1], scramble=False).random_base2(_LOG2_POINTS)
    shift = [seed * _GOLDEN % 1 for seed in range(1, LOOKS[-1] + 1)]
    return tuple(map(tuple, special.ndtri((points + shift) % 1).tolist()))


def confirmation_power(
    margin: float,
    sd: float,
    *,
    attempt: int = 1,
    confidence: float = 0.95,
    confirm_seeds: int = LOOKS[-1],
    resolution: float = 0.0,
) -> ConfirmationPower:
    """Power and mean seeds of attempt `attempt`, its looks and its futility rule included.

    Args:
        margin: true mean − target, in the metric's unit.
        sd: σ over seeds, in the same unit, positive.
        attempt: k, which fixes αₖ.
        confidence: of the goal.
        confirm_seeds: at most so many seeds.
        resolution: the metric's smallest step.
    """
    return _standard_power(
        margin / sd, resolution / sd, attempt_alpha(attempt, confidence), looks(confirm_seeds)[-1]
    )


@cache
def _standard_power(margin: float, resolution: float, alpha: float, confirm_seeds: int) -> ConfirmationPower:
    """The same in units of the standard deviation."""
    passed = used = 0
    for scores in _normal_scores():
        last = confirm([margin + score for score in scores], alpha, 0.0, resolution, confirm_seeds)[-1]
        passed += last.decision == "Achieved"
        used += last.n
    return ConfirmationPower(passed / len(_normal_scores()), used / len(_normal_scores()))


def needed_margin(
    sd: float,
    *,
    power: float = WANTED,
    attempt: int = 1,
    confidence: float = 0.95,
    confirm_seeds: int = LOOKS[-1],
    resolution: float = 0.0,
) -> float:
    """The smallest margin that an attempt shows with this power; arguments as in `confirmation_power`."""

    def enough(margin: float) -> bool:
        found = confirmation_power(
            margin, sd, attempt=attempt, confidence=confidence, confirm_seeds=confirm_seeds,
            resolution=resolution,
        )  # fmt: skip
        return found.power >= power

    low, high = 0.0, max(sd, resolution)
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 0.02 * sd:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def needed_seeds(margin: float, sd: float, alpha: float, power: float = WANTED) -> int | None:
    """Seeds with which one look at αₖ/4 shows a margin with this power; None if more than 100,000.

    Exact for normal scores: the statistic is a noncentral t with δ√n.
    """
    if margin <= 0:
        return None

    def enough(n: int) -> bool:
        missed = stats.nct.cdf(critical_value(alpha, n), n - 1, margin / sd * math.sqrt(n))
        return float(missed) <= 1 - power

    low, high = LOOKS[0] - 1, LOOKS[0]
    while not enough(high):
        low, high = high, 2 * high
        if high > _MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class Shortfall:
    """What an attempt that failed would have needed; a plan for another goal, never a claim.

    Attributes:
        margin: its mean − target.
        sd: its standard deviation over seeds, no smaller than the metric's step.
        needed_margin: the true margin that such an attempt shows with a chance of .80 at this sd.
        needed_seeds: the seeds that show its own margin with a chance of .80; None if its mean is not above
            the target, where no number of seeds would help.
    """

    margin: float
    sd: float
    needed_margin: float
    needed_seeds: int | None


def shortfall(
    scores: Sequence[float],
    target: float,
    attempt: int,
    confidence: float,
    resolution: float,
    confirm_seeds: int = LOOKS[-1],
) -> Shortfall:
    """How much margin, or how many seeds, an attempt with these test scores lacked.

    Raises:
        ValueError: fewer than two scores.
    """
    margin, sd = mean(scores) - target, max(sample_sd(scores), resolution)
    alpha = attempt_alpha(attempt, confidence)
    wanted = needed_margin(
        sd, attempt=attempt, confidence=confidence, confirm_seeds=confirm_seeds, resolution=resolution
    )
    return Shortfall(margin, sd, wanted, needed_seeds(margin, sd, alpha))


@dataclass(frozen=True)
class SearchPlan:
    """A search to be expected: how many candidates, how many of them good, and how far they are from τ.

    Attributes:
        experiments: candidates that the budget allows.
        good: the share of good ones among them.
        margin: true mean − target of a good one.
        shortfall: target − true mean of any other.
        sd: σ over seeds.
        confirm_seeds: at most so many seeds of a confirmation.
        confirmations: attempts that the budget allows.
        explore: exploration seeds of a candidate.
        confidence: of the goal.
        prior_sd: the goal's declared standard deviation.
    """

    experiments: int
    good: float
    margin: float
    shortfall: float
    sd: float
    confirm_seeds: int = LOOKS[-1]
    confirmations: int = 5
    explore: int = 2
    confidence: float = 0.95
    prior_sd: float = 0.01


@dataclass(frozen=True)
class SearchPower:
    """The share of simulated searches that were Achieved, and the seeds spent, with standard errors."""

    power: float
    standard_error: float
    median_seeds: float
    mean_seeds: float
    seeds_error: float
    searches: int


def search_power(plan: SearchPlan, searches: int = 400, seed: int = 0) -> SearchPower:
    """Simulate the search of a plan; the same arguments give the same numbers."""
    rules = Rules(
        0.0, math.inf, 0.0, 0.0, plan.prior_sd, plan.confidence, plan.explore, plan.confirm_seeds,
        plan.confirmations,
    )  # fmt: skip
    shape = (searches, plan.experiments, plan.explore + LOOKS[-1])
    noise = _drawn(stats.norm, shape, seed)
    lucky = _drawn(stats.bernoulli(plan.good), shape[:2], seed + 1)
    done = [rehearse(rules, _candidates(plan, *drawn)) for drawn in zip(noise, lucky, strict=True)]
    power = sum(each.winner is not None for each in done) / searches
    spent = [each.seeds for each in done]
    error, seeds_error = math.sqrt(power * (1 - power) / searches), sample_sd(spent) / math.sqrt(searches)
    return SearchPower(power, error, median(spent), mean(spent), seeds_error, searches)


def _drawn(distribution: Any, shape: tuple[int, ...], seed: int) -> Any:
    """Random numbers of this shape, as nested lists: the rules take Python's own floats."""
    return distribution.rvs(size=shape, random_state=seed).tolist()


def _candidates(plan: SearchPlan, noise: list[list[float]], lucky: list[int]) -> list[Candidate]:
    """The candidates of one search, around a target of 0."""
    made = []
    for row, good in zip(noise, lucky, strict=True):
        centre = plan.margin if good else -plan.shortfall
        scores = [centre + plan.sd * each for each in row]
        made.append(Candidate(scores[: plan.explore], scores[plan.explore :]))
    return made
