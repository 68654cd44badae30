"""A world that is measured: its store, artifacts and planner, each wrapped in one that counts.

A wrapper does what the wrapped one does; it changes neither what comes back nor what is raised.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from seedbed.api import Experiment, ExperimentStatus, GoalStatus, ResearchGoal
from seedbed.cluster import families
from seedbed.cluster.datasets import CheckedArtifacts
from seedbed.cluster.families import Family
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.transitions import Count, of_experiment, of_goal, progressed
from seedbed.errors import StorageFailed
from seedbed.planning.contract import Planner, Proposal, ProposalRequest
from seedbed.planning.llm.journal import Prompted, Replied
from seedbed.world import Resource, Store


class MeasuredStore:
    """`world.Store` of a namespace: what it reads is in the census, what it writes is counted."""

    def __init__(self, store: Store, namespace: str, metrics: Metrics) -> None:
        self._store, self._namespace, self._metrics = store, namespace, metrics

    async def get(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        found = await self._store.get(kind, name)
        if found is None:
            self._metrics.census.gone(kind.__name__, self._namespace, name)
        else:
            self._metrics.census.saw(found)
        return found

    async def list_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        found = await self._store.list_all(kind)
        for resource in found:
            self._metrics.census.saw(resource)
        names = [resource.metadata.name for resource in found]
        self._metrics.census.listed(kind.__name__, self._namespace, names)
        return found

    async def create(self, resource: Resource) -> Resource:
        """Store a new resource."""
        stored = await self._store.create(resource)
        self._metrics.census.saw(stored)
        return stored

    async def patch_status(self, resource: Resource, status: Any) -> Resource:
        """Replace the status if the resource is still as it was read."""
        stored = await self._store.patch_status(resource, status)
        self._metrics.census.saw(stored)
        self._metrics.add(self._counts(resource, status))
        if progressed(resource.status, status):
            self._metrics.census.progressed(self._namespace, time.time())
        return stored

    def _counts(
        self, resource: ResearchGoal | Experiment, status: GoalStatus | ExperimentStatus
    ) -> Iterator[Count]:
        if isinstance(resource, ResearchGoal) and isinstance(status, GoalStatus):
            yield from of_goal(resource, status)
        elif isinstance(resource, Experiment) and isinstance(status, ExperimentStatus):
            goal, there = resource.spec.goal, self._metrics.census.has
            orphan = goal is not None and not there("ResearchGoal", self._namespace, goal)
            yield from of_experiment(resource, status, orphan)


class MeasuredArtifacts:
    """Artifacts of the store of that name, each request counted and timed."""

    def __init__(self, artifacts: CheckedArtifacts, name: str, metrics: Metrics) -> None:
        self._artifacts, self._name, self._metrics = artifacts, name, metrics

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`, or None."""
        with self._request("get"):
            return await self._artifacts.get(key)

    async def put(self, key: str, data: bytes) -> bool:
        """Write unless there is something under `key` already; whether it was written."""
        with self._request("put"):
            return await self._artifacts.put(key, data)

    async def check(self) -> str | None:
        """What is wrong with the store, in a sentence; counted as the failure that it would be."""
        try:
            with self._request("check"):
                if trouble := await self._artifacts.check():
                    raise StorageFailed(trouble)
        except StorageFailed as error:
            return str(error)
        return None

    def _request(self, operation: str) -> AbstractContextManager[None]:
        counted, timed = families.STORE_REQUESTS, families.STORE_SECONDS
        return _measured(self._metrics, counted, timed, self._name, operation)


class MeasuredPlanner:
    """The search planner, each proposal counted and timed."""

    def __init__(self, planner: Planner, metrics: Metrics) -> None:
        self._planner, self._metrics = planner, metrics

    def propose(self, request: ProposalRequest) -> Proposal:
        """The next experiment to try; called in a thread of its own."""
        counted, timed = families.PLANNER_CALLS, families.PLANNER_SECONDS
        with _measured(self._metrics, counted, timed, "Search"):
            return self._planner.propose(request)


def count_call(metrics: Metrics, prompted: Prompted | None, replied: Replied) -> None:
    """A call to a planning model that has ended: its outcome, time and tokens."""
    metrics.count(families.PLANNER_CALLS, "LLM", replied.reason or _OUTCOMES[replied.outcome])
    metrics.observe(families.PLANNER_SECONDS, replied.latency, "LLM")
    if replied.outcome == "Invalid":
        metrics.count(families.PLANNER_INVALID, "LLM")
    metrics.count(families.PLANNER_TOKENS, "LLM", "prompt", amount=replied.prompt_tokens)
    metrics.count(families.PLANNER_TOKENS, "LLM", "completion", amount=replied.completion_tokens)


_OUTCOMES = {"Proposed": "ok", "Stopped": "ok", "Invalid": "invalid", "Failed": "failed"}


@contextmanager
def _measured(metrics: Metrics, counted: Family, timed: Family, *labels: str) -> Iterator[None]:
    """Time the block, and count it by its outcome."""
    started, outcome = time.perf_counter(), "Cancelled"
    try:
        yield
        outcome = "ok"
    except Exception as error:
        outcome = type(error).__name__
        raise
    finally:
        metrics.observe(timed, time.perf_counter() - started, *labels)
        metrics.count(counted, *labels, outcome)
