"""The operator's counters and histograms, in a registry of their own.

Everything that measures calls `count` and `observe`; what there is now is asked for at each scrape, by the
collectors that the operator registers beside. All of it lives in the event loop but for the planner's and the
store's threads, and the client library's metrics are safe in those.
"""

import platform
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from seedbed import __version__
from seedbed.cluster import families
from seedbed.cluster.census import Census
from seedbed.cluster.families import Family
from seedbed.cluster.transitions import Count


class Metrics:
    """One process's metrics; `census` holds what there is now."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, of no use here
        self.registry, self.census = CollectorRegistry(), Census()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._counters = {each: self._counter(each) for each in families.ALL if each.type == "counter"}
        self._histograms = {each: self._histogram(each) for each in families.ALL if each.type == "histogram"}
        build = families.BUILD_INFO
        info = Gauge(build.name, build.meaning, build.labels, registry=self.registry)
        info.labels(__version__, platform.python_version()).set(1)

    def _counter(self, family: Family) -> Counter:
        return Counter(family.name, family.meaning, family.labels, registry=self.registry)

    def _histogram(self, family: Family) -> Histogram:
        return Histogram(
            family.name, family.meaning, family.labels, registry=self.registry, buckets=family.buckets
        )

    def count(self, family: Family, *labels: str, amount: float = 1.0) -> None:
        """Add to a counter."""
        self._counters[family].labels(*labels).inc(amount)

    def add(self, counts: Iterable[Count]) -> None:
        """Add what a transition counts for."""
        for each in counts:
            self.count(each.family, *each.labels, amount=each.amount)

    def observe(self, family: Family, seconds: float, *labels: str) -> None:
        """Add to a histogram; clocks differ, so what would be less than nothing is nothing."""
        found = self._histograms[family]
        (found.labels(*labels) if labels else found).observe(max(0.0, seconds))

    def asked(self, method: str, path: str, code: str) -> None:
        """Count a request to the API server."""
        self.count(families.API_REQUESTS, method, _resource(path), code)

    def forget(self, namespace: str) -> None:
        """Drop every series of a namespace that is no more."""
        self.census.forget(namespace)
        for family, found in (*self._counters.items(), *self._histograms.items()):
            if families.NAMESPACE in family.labels:
                found.remove_by_labels({families.NAMESPACE: namespace})


def _resource(path: str) -> str:
    """The plural in a path of the API server."""
    parts = path.partition("?")[0].split("/")
    return parts[parts.index("namespaces") + 2] if "namespaces" in parts else parts[-1]
