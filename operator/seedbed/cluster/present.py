"""Reports at a scrape what there is now, where this operator works.

A namespace that another operator holds is that one's to report: each thing is counted once. A phase that
nothing is in is 0, so that a graph of it has no holes.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import get_args

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from seedbed.api import ExperimentStatus
from seedbed.api.progress import Phase
from seedbed.cluster import families
from seedbed.cluster.census import Census
from seedbed.cluster.families import Family
from seedbed.cluster.spending import BUDGETS

KINDS = ("ResearchGoal", "Experiment")
_PHASES = {
    "ResearchGoal": get_args(Phase),
    "Experiment": get_args(ExperimentStatus.model_fields["phase"].annotation),
}

Samples = Iterable[tuple[tuple[str, ...], float]]


class Present(Collector):
    """Gauges of a census.

    Args:
        census: what there is.
        holdings: whether this operator works in each namespace that it knows of.
        clock: seconds since the epoch.
    """

    def __init__(
        self, census: Census, holdings: Callable[[], Mapping[str, bool]],
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._census, self._holdings, self._clock = census, holdings, clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge after the other, over the namespaces."""
        holdings = self._holdings()
        yield gauge(families.LEASE_HELD, (((name,), held) for name, held in holdings.items()))
        held = sorted(name for name, ours in holdings.items() if ours)
        yield gauge(families.GOALS, self._by_phase("ResearchGoal", held))
        yield gauge(families.EXPERIMENTS, self._by_phase("Experiment", held))
        yield gauge(families.RUNS, self._runs(held))
        yield gauge(families.OLDEST_PENDING, (((name,), self._oldest(name)) for name in held))
        yield gauge(families.NEARLY_SPENT, self._nearly_spent(held))
        yield gauge(families.STATUS_BYTES, (((kind,), self._largest(kind, held)) for kind in KINDS))
        moved = ((name, self._census.last_progress(name)) for name in held)
        yield gauge(families.LAST_PROGRESS, (((name,), when) for name, when in moved if when))

    def _by_phase(self, kind: str, held: list[str]) -> Samples:
        for namespace in held:
            found = Counter(entry.phase for entry in self._census.entries(kind, namespace))
            for phase in _PHASES[kind]:
                yield (namespace, phase), found[phase]

    def _runs(self, held: list[str]) -> Samples:
        for namespace in held:
            live = list(self._census.live(namespace))
            yield (namespace, "Pending"), sum(len(each.waiting) for each in live)
            yield (namespace, "Running"), sum(each.running for each in live)

    def _oldest(self, namespace: str) -> float:
        since = (instant for live in self._census.live(namespace) for instant in live.waiting)
        now = self._clock()
        return max(0.0, now - min(since, default=now))

    def _nearly_spent(self, held: list[str]) -> Samples:
        now = self._clock()
        for namespace in held:
            goals = self._census.entries("ResearchGoal", namespace)
            found = Counter(budget for goal in goals for budget in goal.spent.nearly(now))
            for budget in BUDGETS:
                yield (namespace, budget), found[budget]

    def _largest(self, kind: str, held: list[str]) -> int:
        sizes = (entry.size for namespace in held for entry in self._census.entries(kind, namespace))
        return max(sizes, default=0)


def gauge(family: Family, samples: Samples) -> GaugeMetricFamily:
    """A gauge with a value for each tuple of labels."""
    found = GaugeMetricFamily(family.name, family.meaning, labels=family.labels)
    for labels, value in samples:
        found.add_metric(labels, float(value))
    return found
