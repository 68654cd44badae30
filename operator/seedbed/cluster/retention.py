"""Goals that are over are deleted when their `ttlAfterFinished` has passed; what they own goes after them.

Called after a reconcile that left nothing to wait for. Kubernetes collects the goal's Experiments and their
Jobs by their owner references; the artifacts stay in the store. Of the cluster alone: in a laptop's folder
nothing is deleted but by `research-agent purge`.
"""

import logging
import time
from collections.abc import Callable

from seedbed.api import ResearchGoal
from seedbed.api.common import seconds
from seedbed.cluster.rest import Rest
from seedbed.cluster.store import KubeStore
from seedbed.engine.goal import reopened
from seedbed.engine.instants import to_epoch

log = logging.getLogger(__name__)


class Retention:
    """Deletes goals whose time has come."""

    def __init__(self, rest: Rest, clock: Callable[[], float] = time.time) -> None:
        self._rest, self._clock = rest, clock

    async def __call__(self, namespace: str, name: str) -> float | None:
        """Delete a goal if its time has come; when it will come, in seconds since the epoch.

        Raises:
            Conflict: it changed in between, and may be to go on.
            ClusterFailed, ClusterRefused: it can't be read or deleted.
        """
        store = KubeStore(self._rest, namespace)
        goal = await store.get(ResearchGoal, name)
        end = None if goal is None else expires_at(goal)
        if goal is None or end is None or end > self._clock():
            return end
        await store.delete(ResearchGoal, name, goal.metadata.resource_version)
        log.info("deleted: it is over since %s, and `ttlAfterFinished` has passed", goal.status.finish_time)
        return None


def expires_at(goal: ResearchGoal) -> float | None:
    """When a goal is to be deleted, in seconds since the epoch; None: not as things are."""
    ttl, finish = goal.spec.ttl_after_finished, goal.status.finish_time
    if ttl is None or finish is None or not goal.status.finished or reopened(goal):
        return None
    return to_epoch(finish) + seconds(ttl)
