"""How far a run may be off under another fingerprint: as far as a run of another seed would be.

Another library, processor or device rounds the last bit otherwise, and training multiplies that until the
weights are as unlike the recorded ones as those of another seed; it makes nothing worse than that. Two seeds
of one configuration differ by a normal variable of standard deviation √2 σ, so by more than 3 √2 σ once in
370 times. σ is pooled over the recorded seeds of the same goal, within experiments (`intervals.pooled_sd`;
under 5 degrees of freedom the prior). Two items are always allowed: no finer σ is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.engine.intervals import SeedScores, pooled_sd
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import RunResult

DEVIATIONS = 3 * math.sqrt(2)
ITEMS = 2
PRIOR_SD = 0.01


@dataclass(frozen=True)
class Tolerance:
    """How far one metric may be off; `sd` is the σ̂ that it was made of."""

    value: float
    sd: float


def tolerance(metric: str, records: Sequence[RunResult], items: int) -> Tolerance:
    """Of one metric on `items` items; `records` are those of the same goal."""
    scores: dict[str, list[RunResult]] = {}
    for record in records:
        if metric in record.metrics:
            scores.setdefault(record.experiment, []).append(record)
    groups = [
        SeedScores(tuple(each.metrics[metric] for each in runs), tuple(each.diverged for each in runs))
        for runs in scores.values()
    ]
    sd = pooled_sd(groups, -math.inf, PRIOR_SD)
    return Tolerance(max(DEVIATIONS * sd, ITEMS * METRICS[metric].resolution(items)), sd)
