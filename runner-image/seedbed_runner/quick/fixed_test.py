"""What a number of seeds that was fixed beforehand says of a mean: summary, interval, and one test.

One configuration, one look, no search: not a claim after a search, which needs fresh seeds, a sealed split
and a share of α for each attempt.
"""

import math
from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


class Summary(TypedDict):
    """A metric over seeds.

    Attributes:
        mean, std: over `values`; the sample standard deviation (n − 1), None for one value.
        ci_95: Student-t interval of the mean; None for one value.
        n: how many seeds.
        values: one a seed, in the order of the seeds.
    """

    mean: float
    std: float | None
    ci_95: tuple[float, float] | None
    n: int
    values: list[float]


def summarise(values: Sequence[float]) -> Summary:
    """Mean, deviation and Student-t interval; two values have an interval that is too wide to decide much."""
    mean, n = math.fsum(values) / len(values), len(values)
    if n < 2:
        return Summary(mean=mean, std=None, ci_95=None, n=n, values=list(values))
    std = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * std / math.sqrt(n)
    return Summary(mean=mean, std=std, ci_95=(mean - half, mean + half), n=n, values=list(values))


def lower_bound(values: Sequence[float], resolution: float) -> float | None:
    """One-sided 95 % lower bound of the mean; None for one value.

    x̄ − t⁻¹(.95; n−1)·max(s, r)/√n, with the metric's resolution r as the least deviation: equal scores are no
    proof that there is no spread.
    """
    n = len(values)
    if n < 2:
        return None
    spread = max(float(np.std(values, ddof=1)), resolution)
    return math.fsum(values) / n - float(stats.t.ppf(CONFIDENCE, n - 1)) * spread / math.sqrt(n)
