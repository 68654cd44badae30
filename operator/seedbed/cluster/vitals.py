"""Reports at a scrape how the operator itself is: its queue, and its watches."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from seedbed.cluster import families
from seedbed.cluster.present import KINDS, gauge
from seedbed.cluster.queue import WorkQueue
from seedbed.cluster.watches import WATCHED, Key


class Heard:
    """When each watch last told of something; before it ever did, since this was made.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = dict.fromkeys(WATCHED, clock())

    def __call__(self, resource: str) -> None:
        """A watch told of something."""
        self._last[resource] = self._clock()

    def ages(self) -> dict[str, float]:
        """Seconds since then, by resource."""
        now = self._clock()
        return {resource: now - last for resource, last in self._last.items()}


class Vitals(Collector):
    """Gauges of the queue and the watches; to be asked in the queue's event loop."""

    def __init__(self, queue: WorkQueue[Key], heard: Heard) -> None:
        self._queue, self._heard = queue, heard

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge after the other."""
        keys: Collection[Key] = self._queue.keys()
        depth = Counter(key.kind for key in keys)
        yield gauge(families.QUEUE_DEPTH, (((kind,), depth[kind]) for kind in KINDS))
        yield gauge(families.QUEUE_OLDEST, [((), self._queue.oldest())])
        yield gauge(families.WATCH_AGE, (((name,), age) for name, age in self._heard.ages().items()))
