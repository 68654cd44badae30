"""The work of the queue: one key, one reconcile, and what becomes of an error.

A conflict is looked at again at once. An error of ours is a sentence in the log and a condition on the
resource, `Reconciled: False`, until a reconcile goes through; then the queue comes back with growing pauses.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster import condition
from seedbed.cluster.logs import about
from seedbed.cluster.watches import Key
from seedbed.errors import Conflict, SeedbedError
from seedbed.reconcile import Reconciler
from seedbed.reconcile.witness import NOBODY, Witness
from seedbed.world import Resource, World

log = logging.getLogger(__name__)


class Reconciling:
    """Reconciles a key where this operator may work.

    Args:
        world_of: the world of a namespace.
        may_work: whether the namespace is this operator's at the moment; when it becomes so, everything in
            it is to be added to the queue again.
        retire: takes the namespace and name of a goal that waits for nothing, and deletes it once it has been
            over for long enough; when that will be.
        witness: hears what the reconcilers see.
    """

    def __init__(
        self,
        world_of: Callable[[str], World],
        may_work: Callable[[str], bool],
        retire: Callable[[str, str], Awaitable[float | None]],
        witness: Witness = NOBODY,
    ) -> None:
        self._world_of, self._may_work, self._retire = world_of, may_work, retire
        self._witness = witness
        self._sound: set[Key] = set()  # known to carry no condition of ours

    async def __call__(self, key: Key) -> float | None:
        """Reconcile; in how many seconds to look again.

        Raises:
            SeedbedError: it did not go through; the resource says so.
        """
        if not self._may_work(key.namespace):
            return None
        with named(key):
            try:
                again_at = await self._reconcile(key)
            except Conflict:
                return 0.0
        return None if again_at is None else max(0.0, again_at - time.time())

    async def _reconcile(self, key: Key) -> float | None:
        reconciler = Reconciler(self._world_of(key.namespace), witness=self._witness)
        if key.kind == "ResearchGoal":
            again_at = await self._told(key, ResearchGoal, reconciler.goal)
            return await self._retire(key.namespace, key.name) if again_at is None else again_at
        return await self._told(key, Experiment, reconciler.experiment)

    async def _told(
        self, key: Key, kind: type[Resource], reconcile: Callable[[str], Awaitable[float | None]]
    ) -> float | None:
        """Reconcile, and have the resource say whether it went through."""
        store = self._world_of(key.namespace).store
        try:
            again_at = await reconcile(key.name)
        except Conflict:
            raise
        except SeedbedError as error:
            self._sound.discard(key)
            await condition.put(store, kind, key.name, error, time.time())
            raise
        if key not in self._sound:
            await condition.remove(store, kind, key.name)
            self._sound.add(key)
        return again_at


def log_failure(key: Key, error: BaseException, pause: float) -> None:
    """A line for what is expected to go wrong, a traceback for what is not."""
    with named(key):
        if isinstance(error, SeedbedError):
            log.warning("%s; again in %g s", error, pause)
        else:
            log.error("a reconcile failed; again in %g s", pause, exc_info=error)


def named(key: Key) -> AbstractContextManager[None]:
    """What a key's records are about."""
    field = "goal" if key.kind == "ResearchGoal" else "experiment"
    return about(namespace=key.namespace, **{field: key.name})
