"""`seedbed-operator`: watches the goals of its namespaces and has each one reconciled.

The settings file is named by SEEDBED_CONFIG. The parts, in the way of an event: `watches` hears it and adds
keys to `queue`, `reconciling` takes a key to the shared reconciler in the world of its namespace (`worlds`).
Beside that: `lease` keeps a second operator out, `resync` finds what no event told, `probes` says that all
this goes on, `events` tells people. SIGTERM ends it in order: reconciles under way end, then the Leases are
released, then the watches close. `metrics` counts what all of them do, and `exposition` serves it.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import kopf

from seedbed.api import ResearchGoal
from seedbed.cluster import logs
from seedbed.cluster.connection import connected
from seedbed.cluster.events import Events
from seedbed.cluster.exposition import serving
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.informer import kopf_settings
from seedbed.cluster.lease import Lease
from seedbed.cluster.leases import Leases
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.present import Present
from seedbed.cluster.probes import Health, register
from seedbed.cluster.queue import WorkQueue
from seedbed.cluster.reconciling import Reconciling, log_failure
from seedbed.cluster.rest import Rest
from seedbed.cluster.resync import EVERYWHERE, Resync, until_served
from seedbed.cluster.retention import Retention
from seedbed.cluster.settings import OperatorSettings, load
from seedbed.cluster.vitals import Heard, Vitals
from seedbed.cluster.watches import Ears, Key, registry_of
from seedbed.cluster.witnessing import Measure
from seedbed.cluster.worlds import Worlds
from seedbed.errors import SeedbedError
from seedbed.world import World

EVERY = 20_000  # objects more than before, until those that are nobody's are looked for
PATIENCE = 25.0  # seconds that reconciles under way get at the end; the pod gets more

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Who this operator is (its pod's name), and where its liveness is asked for."""

    identity: str
    liveness: str | None

    @classmethod
    def from_environment(cls) -> "Place":
        """As the chart sets it; a process beside a cluster is known by its host and number."""
        own = os.environ.get("POD_NAME") or f"{os.uname().nodename}-{os.getpid()}"
        liveness = os.environ.get("SEEDBED_LIVENESS", "http://0.0.0.0:8080/healthz")
        return cls(own, liveness or None)


def main() -> int:
    """Run until a signal; the exit code is 2 for wrong settings, 1 for what made an end of it."""
    try:
        settings = load(Path(os.environ.get("SEEDBED_CONFIG", "/etc/seedbed/config.yaml")))
        logs.set_up(settings.log.format, settings.log.level)
        _collect_seldom()
        asyncio.run(_main(settings, Place.from_environment()))
    except SeedbedError as error:
        print(f"seedbed-operator: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _collect_seldom() -> None:
    """Documents are large and come often: at Python's pace each would be looked through for cycles by parts.

    What is loaded by now stays for good, and is not looked through at all.
    """
    gc.freeze()
    gc.set_threshold(EVERY)


async def _main(settings: OperatorSettings, place: Place) -> None:
    metrics, port = Metrics(), settings.metrics.port
    served = serving(metrics.registry, port) if port else nullcontext()
    async with connected() as client, served:
        rest = Rest(client, metrics.asked)
        events = Events(rest, place.identity)
        freshness = Freshness()
        worlds = Worlds(
            rest, settings, events, metrics, freshness, place.identity, lambda goal: operator.look_again(goal)
        )
        operator = Operator(rest, settings, place, worlds, events, metrics, freshness)
        checking = asyncio.create_task(worlds.check_stores())
        try:
            await operator.run()
        finally:
            checking.cancel()
            await worlds.close()


class Operator:
    """One operator process.

    Args:
        rest: the API server.
        settings: what the admin decided.
        place: where this process is.
        world_of: the world of a namespace.
        events: what people are told by.
        metrics: what the operator is measured by.
        freshness: hears how new the watches are.
    """

    def __init__(
        self, rest: Rest, settings: OperatorSettings, place: Place,
        world_of: Callable[[str], World], events: Events, metrics: Metrics, freshness: Freshness,
    ) -> None:  # fmt: skip
        self._freshness = freshness
        self._rest, self._settings, self._place, self._events = rest, settings, place, events
        self.stop = asyncio.Event()
        measure = Measure(metrics)
        reconciling = Reconciling(world_of, self._held, Retention(self._rest), measure)
        self._queue = WorkQueue[Key](measure.over(reconciling), log_failure, settings.workers)
        self._health = Health(self._queue.oldest)
        listed = metrics.census.listed
        resync = Resync(self._rest, self._held, self._queue.add, settings.resync, listed)
        self._resyncs = WorkQueue[str](resync, _log_resync, workers=2, longest=60.0)
        self._leases = Leases(self._lease, gone=self._gone)
        self._metrics, self._heard = metrics, Heard()
        metrics.registry.register(Present(metrics.census, self._leases.holdings))
        metrics.registry.register(Vitals(self._queue, self._heard))

    def _lease(self, namespace: str) -> Lease:
        return Lease(
            self._rest, namespace, self._place.identity,
            gained=partial(self._resyncs.add, namespace), renewed=partial(self._health.sent, namespace),
        )  # fmt: skip

    def _gone(self, namespace: str) -> None:
        self._health.heard(namespace)
        self._metrics.forget(namespace)

    def _held(self, namespace: str) -> bool:
        return self._leases.held(namespace)

    def look_again(self, goal: ResearchGoal) -> None:
        """Have a goal reconciled soon."""
        self._queue.add(Key("ResearchGoal", goal.metadata.namespace, goal.metadata.name))

    async def run(self) -> None:
        """Work until `stop` is set or a signal comes.

        Raises:
            SeedbedError: a part that should never end did.
        """
        _obey_signals(self.stop)
        namespaces, kopf_stop = self._settings.watch.namespaces, asyncio.Event()
        if not await self._unless_stopped(until_served(self._rest, namespaces or [EVERYWHERE])):
            return
        watching = await self._watch(kopf_stop)
        posting = asyncio.create_task(self._events.post())
        self._leases.want(namespaces)
        _obey_signals(self.stop)  # again: kopf took them
        log.info("started; watches %s", ", ".join(namespaces) or "all namespaces")
        ends = [asyncio.create_task(event.wait()) for event in (self.stop, self._leases.broken)]
        await asyncio.wait([*ends, watching, posting], return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        broken = next((part for part in (watching, posting) if part.done()), None)
        await self._close(kopf_stop, watching, posting)
        if broken is not None:
            log.error("a part that goes on for ever has ended", exc_info=broken.exception())
            raise SeedbedError(f"ended by itself: {broken.exception() or 'the watches closed'}")

    async def _watch(self, kopf_stop: asyncio.Event) -> asyncio.Task[None]:
        """Kopf as a task; what exists by now is not its own to cancel at its end."""
        ears = Ears(
            self._queue.add,
            self._queue.add_after,
            prepared=self._resyncs.add,
            alive=self._health.heard,
        )
        registry = registry_of(ears, self._heard, self._freshness.heard)
        register(self._health, registry)
        ours = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=registry, settings=kopf_settings(), standalone=True, stop_flag=kopf_stop,
            identity=self._place.identity,  # type: ignore[arg-type]  # else the user's name: it has a number
            liveness_endpoint=self._place.liveness, clusterwide=self._settings.watch.everywhere,
            namespaces=self._settings.watch.namespaces,
        )  # fmt: skip
        return asyncio.create_task(kopf.run_tasks(tasks, ignored=ours))

    async def _close(
        self, kopf_stop: asyncio.Event, watching: asyncio.Task[None], posting: asyncio.Task[None]
    ) -> None:
        """End in order: no new work, no Lease, no watch."""
        log.info("stopping: %d reconciles under way", len(self._queue))
        await self._resyncs.close(0)
        await self._queue.close(PATIENCE)
        await self._events.flush(2.0)
        posting.cancel()
        try:
            await self._leases.close()
        finally:
            kopf_stop.set()
            await asyncio.wait([watching], timeout=10.0)
            log.info("stopped")

    async def _unless_stopped(self, wait: Coroutine[Any, Any, None]) -> bool:
        """Wait for something or for the end, whichever is earlier; whether it was not the end."""
        waiting, stopped = asyncio.create_task(wait), asyncio.create_task(self.stop.wait())
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, stopped):
            if not task.done():
                task.cancel()
        if waiting.done() and not waiting.cancelled():
            waiting.result()
        return not self.stop.is_set()


def _obey_signals(stop: asyncio.Event) -> None:
    """Have SIGTERM and SIGINT set `stop`."""
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)


def _log_resync(scope: str, error: BaseException, pause: float) -> None:
    where = scope or "all namespaces"
    if isinstance(error, SeedbedError):
        log.warning("%s could not be read again: %s; again in %g s", where, error, pause)
    else:
        log.error("%s could not be read again; again in %g s", where, pause, exc_info=error)
