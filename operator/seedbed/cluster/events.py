"""Kubernetes Events of the goals and experiments, posted beside the work and never in its way.

A store that tells wraps the one that the reconcilers use: each status that was written is compared with the
one before. The same sentence about the same object is one Event with a count. What can't be posted is logged
and dropped: an Event is for people, nothing is decided by one.
"""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seedbed.api import Experiment, ExperimentStatus, GoalStatus, ResearchGoal
from seedbed.cluster.happenings import Happening, of_experiment, of_goal
from seedbed.cluster.logs import about
from seedbed.cluster.rest import Document, Rest, path_of
from seedbed.errors import AlreadyExists, SeedbedError
from seedbed.world import Resource, Store

MOST_WAITING = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Regarding:
    """The object that an Event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class Events:
    """Posts what it is told, one after the other; `post` is to run as a task."""

    def __init__(self, rest: Rest, identity: str) -> None:
        self._rest, self._identity = rest, identity
        self._waiting: asyncio.Queue[tuple[Regarding, Happening, float]] = asyncio.Queue(MOST_WAITING)
        self._counts: Counter[str] = Counter()

    def tell(self, regarding: Regarding, happening: Happening) -> None:
        """Log something and have it posted; returns at once."""
        with about(seed=happening.seed):
            level = logging.INFO if happening.type == "Normal" else logging.WARNING
            log.log(level, "%s: %s", happening.reason, happening.message)
        try:
            self._waiting.put_nowait((regarding, happening, time.time()))
        except asyncio.QueueFull:
            log.warning("an event was dropped, too many wait: %s: %s", happening.reason, happening.message)

    async def post(self) -> None:
        """Post what is told, for ever."""
        while True:
            regarding, happening, instant = await self._waiting.get()
            try:
                await self._post(regarding, happening, instant)
            except SeedbedError as error:
                log.warning("an event of %s was not posted: %s", regarding.name, error)
            self._waiting.task_done()

    async def flush(self, patience: float) -> None:
        """Wait until everything is posted, `patience` seconds at most."""
        await asyncio.wait([asyncio.create_task(self._waiting.join())], timeout=patience)

    async def _post(self, regarding: Regarding, happening: Happening, instant: float) -> None:
        body = build_event(regarding, happening, instant, self._identity)
        name = body["metadata"]["name"]
        self._counts[name] += 1
        try:
            await self._rest.create(path_of("events.k8s.io/v1", regarding.namespace, "events"), body)
        except AlreadyExists:
            self._counts[name] = max(self._counts[name], 2)
            series = {"count": self._counts[name], "lastObservedTime": body["eventTime"]}
            path = path_of("events.k8s.io/v1", regarding.namespace, "events", name)
            await self._rest.merge(path, {"series": series})


def build_event(regarding: Regarding, happening: Happening, instant: float, identity: str) -> Document:
    """One Event; its name is its content's, so that the same one is found again."""
    content = "\0".join((regarding.uid, happening.type, happening.reason, happening.message))
    short = hashlib.sha256(content.encode()).hexdigest()[:16]
    when = datetime.fromtimestamp(instant, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"{regarding.name}.{short}", "namespace": regarding.namespace},
        "eventTime": when,
        "reportingController": "seedbed.dev/operator",
        "reportingInstance": identity[:128],
        "action": "Reconcile",
        "type": happening.type,
        "reason": happening.reason[:128],
        "note": happening.message[:1000],
        "regarding": {
            "apiVersion": regarding.api_version,
            "kind": regarding.kind,
            "namespace": regarding.namespace,
            "name": regarding.name,
            "uid": regarding.uid,
        },
    }


class TellingStore:
    """`world.Store` that tells of each status it wrote, and of each experiment it made."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store, self._events = store, events

    async def get(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        return await self._store.get(kind, name)

    async def list_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        return await self._store.list_all(kind)

    async def create(self, resource: Resource) -> Resource:
        """Store a new resource; its goal hears of it."""
        stored = await self._store.create(resource)
        metadata = stored.metadata
        for owner in metadata.owner_references:
            goal = Regarding(owner.api_version, owner.kind, metadata.namespace, owner.name, owner.uid)
            self._events.tell(goal, Happening("ExperimentMade", _introduced(stored)))
        return stored

    async def patch_status(self, resource: Resource, status: Any) -> Resource:
        """Replace the status if the resource is still as it was read."""
        stored = await self._store.patch_status(resource, status)
        regarding = regarding_of(stored)
        for happening in _happened(resource.status, status):
            self._events.tell(regarding, happening)
        return stored


def regarding_of(resource: ResearchGoal | Experiment) -> Regarding:
    """The reference to a resource."""
    metadata = resource.metadata
    return Regarding(resource.api_version, resource.kind, metadata.namespace, metadata.name, metadata.uid)


def _happened(before: Any, after: Any) -> list[Happening]:
    if isinstance(before, GoalStatus) and isinstance(after, GoalStatus):
        return list(of_goal(before, after))
    if isinstance(before, ExperimentStatus) and isinstance(after, ExperimentStatus):
        return list(of_experiment(before, after))
    return []


def _introduced(resource: ResearchGoal | Experiment) -> str:
    if isinstance(resource, ResearchGoal):
        return resource.metadata.name
    spec, name = resource.spec, resource.metadata.name
    if spec.attempt:
        return f"{name}: confirmation {spec.attempt} of experiment {spec.index}, over fresh seeds"
    waits = "" if spec.approved else " (waits for approval)"
    return f"{name}: {spec.change or spec.hypothesis}{waits}"
