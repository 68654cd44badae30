"""The `Population` estimand: the test items are a sample too (STATISTICS section 1).

x̄ varies with the seeds, A = s²/n, and with the items, B = v/M; more seeds shrink A alone. For accuracy v is
x̄(1−x̄), the variance of one item's outcome. Any other metric needs it recorded by the scorer, for each run:
v = M · Var(metric over bootstrap samples of the items), the same samples for every run. Their mean over the
runs is used, which is at least the variance of the runs' mean, whatever the items that runs have in common.
"""

import math
from collections.abc import Sequence

from seedbed.engine.claims import LookResult, attempt_alpha, looks
from seedbed.engine.claims_path import follow
from seedbed.engine.claims_sources import Source, interval, look
from seedbed.engine.intervals import Interval, mean
from seedbed.engine.orientation import Orientation
from seedbed_runner.contract.metrics import Metric

WILSON_Z = 1.959963984540054  # a 95 % interval
_MOST_ITEMS = 10**9


def variance_floor(items: int) -> float:
    """w(1−w) at Wilson's bound w = z²/(M+z²) of the error rate after no error in M items (Wilson 1927).

    Without it a perfect score would say that no item of the population can be missed.
    """
    worst = WILSON_Z**2 / (items + WILSON_Z**2)
    return worst * (1 - worst)


def item_variance(scores: Sequence[float], items: int, recorded: Sequence[float] | None = None) -> float:
    """The variance v that one test item brings, in the metric's unit squared.

    Args:
        scores: of the seeds so far.
        items: M, test items.
        recorded: each seed's v as its scorer recorded it; None for accuracy, where it is x̄(1−x̄).
    """
    centre = mean(scores)
    found = centre * (1 - centre) if recorded is None else mean(recorded)
    return max(found, variance_floor(items))


def item_source(scores: Sequence[float], items: int, recorded: Sequence[float] | None = None) -> Source:
    """B = v/M with M−1 degrees of freedom."""
    return Source(item_variance(scores, items, recorded) / items, items - 1)


def confirm_population(
    scores: Sequence[float],
    alpha: float,
    target: float,
    resolution: float,
    items: int,
    confirm_seeds: int,
    recorded: Sequence[float] | None = None,
) -> list[LookResult]:
    """The path of an attempt at a mean over seeds and items; arguments as in `claims.confirm`.

    `recorded` holds one item variance a score, or is None for accuracy. The looks' `bound` is for the mean
    over the population; what a planner may see of a passed look is for the caller to withhold.
    """
    planned = looks(confirm_seeds)

    def judge(n: int) -> LookResult:
        source = item_source(scores[:n], items, None if recorded is None else recorded[:n])
        return look(scores[:n], source, alpha, target, resolution, planned[-1])

    return follow(len(scores), planned, judge)


def population_interval(
    scores: Sequence[float],
    items: int,
    resolution: float,
    confidence: float = 0.95,
    recorded: Sequence[float] | None = None,
) -> Interval:
    """The interval for the mean over seeds and items, for a number of seeds that was fixed beforehand.

    A claim's interval, which must cover at every look, is `claims_sources.repeated_interval` with
    `item_source`.
    """
    return interval(scores, item_source(scores, items, recorded), resolution, confidence)


def population_problem(
    target: float, metric: Metric, items: int, confidence: float, confirm_seeds: int
) -> str | None:
    """Why no scores whatever could show this target for the population; None if some could.

    Judges the first attempt's last look on scores that are all at the metric's bound.
    """
    view = Orientation(metric.direction)
    reach = _reach(metric, items, confidence, confirm_seeds)
    if reach >= view.inward(target):
        return None
    need = _items_needed(view.inward(target), metric, confidence, confirm_seeds)
    advice = f"or a test split of at least {need} items" if need else "no test split is large enough for it"
    side, most = ("a lower", "most") if metric.direction == "Maximize" else ("an upper", "least")
    return (
        f"`target` is {target:g} but for the estimand Population {items} test items can't show it: even "
        f"{confirm_seeds} perfect scores leave {side} bound of {view.inward(reach):.4f}; give a target of at "
        f"{most} {view.inward(_down(reach)):.4f}, {advice}"
    )


def _reach(metric: Metric, items: int, confidence: float, confirm_seeds: int) -> float:
    """The lower bound that perfect scores leave, turned so that higher is better."""
    n, best = looks(confirm_seeds)[-1], Orientation(metric.direction).inward(metric.bound)
    scores, alpha, step = [best] * n, attempt_alpha(1, confidence), metric.resolution(items)
    source = item_source(scores, items, recorded=[0.0])
    return look(scores, source, alpha, best, step, n).bound


def _items_needed(target: float, metric: Metric, confidence: float, confirm_seeds: int) -> int | None:
    """The smallest number of test items that could show the turned target; None beyond a billion."""
    low, high = 2, 4
    while _reach(metric, high, confidence, confirm_seeds) < target:
        low, high = high, 2 * high
        if high > _MOST_ITEMS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = _reach(metric, middle, confidence, confirm_seeds) >= target
        low, high = (low, middle) if enough else (middle, high)
    return high


def _down(value: float) -> float:
    """Rounded down to four decimals, so that a target of that size is shown to be possible."""
    return math.floor(value * 10_000) / 10_000
