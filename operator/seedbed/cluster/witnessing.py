"""The measure of reconciles: how long each took, what failed, and what was seen on the way.

One object per operator. `operator` has it wrap the queue's work, the reconcilers tell it what they observed
(`seedbed.reconcile.witness`), and the launcher what a Job's times were when it retires it.
"""

import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from seedbed.api import Experiment
from seedbed.cluster import families
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.timings import Timings
from seedbed.cluster.transitions import purpose_of
from seedbed.cluster.watches import Key
from seedbed.engine.observation import RunObservation
from seedbed.reconcile.witness import Witness
from seedbed_runner.contract.records import RunResult

Work = Callable[[Key], Coroutine[Any, Any, float | None]]


class Measure(Witness):
    """Turns what is told into metrics."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._metrics, self._clock = metrics, clock

    def over(self, work: Work) -> Work:
        """The same work, each piece timed, and counted when it fails."""

        async def measured(key: Key) -> float | None:
            started = time.perf_counter()
            try:
                return await work(key)
            except Exception as error:
                self._metrics.count(families.RECONCILE_ERRORS, key.kind, type(error).__name__)
                raise
            finally:
                taken = time.perf_counter() - started
                self._metrics.observe(families.RECONCILE_SECONDS, taken, key.kind)

        return measured

    def observed(self, experiment: Experiment, runs: Mapping[int, RunObservation]) -> None:
        """The attempts under way are in the census."""
        self._metrics.census.observed(experiment, runs)

    def recorded(self, experiment: Experiment, records: Mapping[int, RunResult]) -> None:
        """How long the status lagged behind each run's end."""
        now = self._clock()
        for record in records.values():
            self._metrics.observe(families.STATUS_LAG, now - record.finished_at)

    def retired(self, experiment: Experiment, timings: Timings) -> None:
        """What an attempt's time went into, as far as its Job and pod tell."""
        namespace, metrics = experiment.metadata.namespace, self._metrics
        if timings.queued is not None:
            metrics.observe(families.RUN_QUEUE, timings.queued, namespace)
        if timings.startup is not None:
            metrics.observe(families.RUN_STARTUP, timings.startup, namespace)
        if timings.ran is not None:
            metrics.observe(families.RUN_SECONDS, timings.ran, namespace, purpose_of(experiment))
