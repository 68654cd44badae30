"""Is B better than A? Two experiments' seeds beside each other, outside of any goal (STATISTICS section 3).

Welch's difference with its interval; paired t only where the pairing was declared before the runs (the same
seed moves both alike: rare in deep learning). Hedges' g says how large the difference is in seeds' standard
deviations; P(B > A) is descriptive. Lists of comparisons get Holm's adjusted p; their intervals are each
for itself. For a metric that is minimized give negated scores, so that "better" is "higher". The metric's
step is a floor under every standard deviation, as in `claims`: two lots of equal scores are no certainty.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from scipy import optimize, special, stats

from seedbed.engine.claims_sources import Error, Source, seeds_error
from seedbed.engine.intervals import Interval, mean, sample_sd


@dataclass(frozen=True)
class Effect:
    """Hedges' g; its interval is None for paired seeds, where none is standard."""

    g: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference:
    """x̄_b − x̄_a in the metric's unit, with its interval and its two-sided p."""

    value: float
    interval: Interval
    statistic: float
    degrees: float
    p: float
    paired: bool


@dataclass(frozen=True)
class Comparison:
    """B against A, by name.

    `p_adjusted` is Holm's when the comparison is one of a list, otherwise p. `superiority` is P(B > A) +
    P(B = A)/2 over all pairs of seeds.
    """

    a: str
    b: str
    n_a: int
    n_b: int
    difference: Difference
    p_adjusted: float
    effect: Effect
    superiority: float


def compare(
    a: Sequence[float],
    b: Sequence[float],
    *,
    resolution: float,
    names: tuple[str, str] = ("A", "B"),
    paired: bool = False,
    confidence: float = 0.95,
) -> Comparison:
    """Compare B with A.

    Args:
        a: A's scores in the order of their seeds, diverged ones included.
        b: B's.
        resolution: the metric's smallest step, positive.
        names: of A and B.
        paired: the i-th seeds belong together, and that was declared before they ran.
        confidence: of the interval.

    Raises:
        ValueError: fewer than two scores, or unequal numbers of paired ones.
    """
    _check(a, b, names, paired)
    found = difference(a, b, resolution=resolution, paired=paired, confidence=confidence)
    effect = hedges_g(a, b, resolution=resolution, paired=paired, confidence=confidence)
    return Comparison(*names, len(a), len(b), found, found.p, effect, superiority(a, b))


def difference(
    a: Sequence[float],
    b: Sequence[float],
    *,
    resolution: float,
    paired: bool = False,
    confidence: float = 0.95,
) -> Difference:
    """Welch's t for B − A, or Student's for pairs; arguments as in `compare`."""
    error = _paired_error(a, b, resolution) if paired else _welch_error(a, b, resolution)
    value = mean(b) - mean(a)
    half = float(special.stdtrit(error.degrees, (1 + confidence) / 2)) * error.se
    interval = Interval(value - half, value + half, len(a) + len(b))
    p = 2 * float(special.stdtr(error.degrees, -abs(value) / error.se))
    return Difference(value, interval, value / error.se, error.degrees, p, paired)


def compare_all(
    scores: Mapping[str, Sequence[float]],
    *,
    resolution: float,
    reference: str | None = None,
    paired: bool = False,
    confidence: float = 0.95,
) -> list[Comparison]:
    """Each later one of the list against each earlier one, with Holm's adjusted p.

    With a `reference` all others against this one only: fewer comparisons, so that Holm takes less.
    """
    found = []
    for pair in _pairs(list(scores), reference):
        a, b = (scores[name] for name in pair)
        found.append(compare(a, b, names=pair, paired=paired, resolution=resolution, confidence=confidence))
    adjusted = holm([each.difference.p for each in found])
    return [replace(each, p_adjusted=p) for each, p in zip(found, adjusted, strict=True)]


def _pairs(names: list[str], reference: str | None) -> list[tuple[str, str]]:
    if reference is None:
        return list(combinations(names, 2))
    return [(reference, name) for name in names if name != reference]


def _check(a: Sequence[float], b: Sequence[float], names: tuple[str, str], paired: bool) -> None:
    for name, values in zip(names, (a, b), strict=True):
        if len(values) < 2:
            raise ValueError(
                f"{name} has {len(values)} scored seeds but a comparison needs 2 or more of each"
            )
    if paired and len(a) != len(b):
        raise ValueError(f"{names[0]} has {len(a)} seeds and {names[1]} has {len(b)}, but pairs need as many")


def _welch_error(a: Sequence[float], b: Sequence[float], resolution: float) -> Error:
    """Welch (1947): A's share is the second source of error."""
    source = Source(max(sample_sd(a), resolution) ** 2 / len(a), len(a) - 1)
    return seeds_error(max(sample_sd(b), resolution), len(b), source)


def _paired_error(a: Sequence[float], b: Sequence[float], resolution: float) -> Error:
    """Student's for the differences of pairs."""
    sd = sample_sd([y - x for x, y in zip(a, b, strict=True)])
    return Error(max(sd, resolution) / math.sqrt(len(a)), len(a) - 1)


def hedges_g(
    a: Sequence[float],
    b: Sequence[float],
    *,
    resolution: float,
    paired: bool = False,
    confidence: float = 0.95,
) -> Effect:
    """(x̄_b − x̄_a) / s_pooled, without its small-sample bias; arguments as in `compare`.

    The correction is exact, J = Γ(m/2) / (√(m/2)·Γ((m−1)/2)) with m = n_a + n_b − 2 (Hedges 1981). The
    interval inverts the noncentral t, which is exact for equal variances (Cumming and Finch 2001).
    """
    degrees = len(a) + len(b) - 2
    squares = (len(a) - 1) * sample_sd(a) ** 2 + (len(b) - 1) * sample_sd(b) ** 2
    d = (mean(b) - mean(a)) / max(math.sqrt(squares / degrees), resolution)
    correction = small_sample_correction(degrees)
    if paired:
        return Effect(correction * d, None, None)
    scale = math.sqrt(1 / len(a) + 1 / len(b))
    low, high = (
        correction * scale * _noncentrality(d / scale, degrees, probability)
        for probability in ((1 + confidence) / 2, (1 - confidence) / 2)
    )
    return Effect(correction * d, low, high)


def small_sample_correction(degrees: int) -> float:
    """Hedges' exact J, about 1 − 3/(4m − 1)."""
    half = degrees / 2
    return math.exp(math.lgamma(half) - math.lgamma(half - 0.5)) / math.sqrt(half)


def _noncentrality(t: float, degrees: int, probability: float) -> float:
    """The noncentrality under which a noncentral t is at most `t` with this probability."""
    if t < 0:
        return -_noncentrality(-t, degrees, 1 - probability)
    # T = (Z + centre)/U: the centre lies where neither Z nor U is beyond its millionth part
    low, high = (t * math.sqrt(special.chdtri(degrees, share) / degrees) for share in (1 - 1e-6, 1e-6))

    def excess(centre: float) -> float:
        return float(stats.nct.cdf(t, degrees, centre)) - probability

    return float(optimize.brentq(excess, low - 6, high + 6))


def superiority(a: Sequence[float], b: Sequence[float]) -> float:
    """P(B > A) + P(B = A)/2 over all pairs: Mann and Whitney's U/(n_a·n_b), Vargha and Delaney's A."""
    wins = sum((y > x) + 0.5 * (y == x) for x in a for y in b)
    return wins / (len(a) * len(b))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: step-down, never falling, at most 1 (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted
