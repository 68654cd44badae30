"""An improvement over a frozen baseline: "at least 2 % better than experiment B" (STATISTICS section 3).

T = (x̄_c − (1+ρ)x̄_b) / √(s_c²/n_c + (1+ρ)²s_b²/n_b) with Satterthwaite's degrees of freedom, at the looks of
every confirmation. The baseline's seeds were run once, on the same sealed split, and are the second source of
error: their luck is the same for all attempts, which the union bound over attempts allows.
"""

from collections.abc import Sequence

from seedbed.engine.claims import LookResult, looks
from seedbed.engine.claims_path import follow
from seedbed.engine.claims_sources import Source, look
from seedbed.engine.intervals import mean, sample_sd

BASELINE_SEEDS = 10


def relative_factor(improvement: float, minimize: bool) -> float:
    """1+ρ, by which a better score exceeds the baseline's; 1−ρ where scores are negated to be maximized."""
    return 1 - improvement if minimize else 1 + improvement


def relative_target(baseline: Sequence[float], factor: float) -> float:
    """The score to reach: factor · x̄_b, in the scores' orientation."""
    return factor * mean(baseline)


def baseline_source(baseline: Sequence[float], factor: float, resolution: float) -> Source:
    """The baseline's share of the error, factor²·s_b²/n_b, s_b no smaller than the metric's step."""
    n, sd = len(baseline), max(sample_sd(baseline), resolution)
    return Source((factor * sd) ** 2 / n, n - 1)


def confirm_relative(
    scores: Sequence[float],
    baseline: Sequence[float],
    factor: float,
    alpha: float,
    resolution: float,
    confirm_seeds: int,
) -> list[LookResult]:
    """The path of an attempt to beat `factor` times the baseline's mean.

    Args:
        scores: the candidate's fresh test scores in the order of their seeds; higher is better.
        baseline: all test scores of the frozen baseline experiment, diverged ones included.
        factor: from `relative_factor`.
        alpha: the attempt's share αₖ.
        resolution: the metric's smallest step.
        confirm_seeds: at most so many seeds.
    """
    planned, target = looks(confirm_seeds), relative_target(baseline, factor)
    source = baseline_source(baseline, factor, resolution)
    return follow(
        len(scores), planned, lambda n: look(scores[:n], source, alpha, target, resolution, planned[-1])
    )


def baseline_problem(baseline: Sequence[float]) -> str | None:
    """Why these scores can't serve as a baseline: a sentence, or None."""
    if len(baseline) >= BASELINE_SEEDS:
        return None
    return (
        f"the baseline has {len(baseline)} scored seeds but an improvement over it needs "
        f"{BASELINE_SEEDS} or more: run the baseline experiment with more seeds"
    )
