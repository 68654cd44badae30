"""Who works in a namespace: a Lease named `seedbed-operator`, so that a second operator says so and waits.

It keeps two operators from doing everything twice; that nothing goes wrong when they do for a moment is the
records' doing, not the Lease's. Like client-go, it trusts no other machine's clock: a Lease has expired when
it did not change for its duration by this process's own clock. (The client library's election names no holder
to people, never releases, and ends at a refused connection.)
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

from seedbed.cluster.rest import Document, Rest, path_of
from seedbed.errors import AlreadyExists, Conflict, NotFound, SeedbedError

NAME = "seedbed-operator"
GROUP, VERSION, PLURAL = "coordination.k8s.io", "v1", "leases"
DURATION = 15  # seconds without a sign of life after which the holder counts as dead

log = logging.getLogger(__name__)


class Lease:
    """One operator's hold on one namespace.

    Args:
        rest: the API server.
        namespace: where the Lease is.
        identity: this operator, in a word that people recognise (its pod's name).
        gained: called whenever the Lease becomes this operator's.
        renewed: called at every sign of life that was written.
        duration: seconds; a third of it lies between two signs of life.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        rest: Rest,
        namespace: str,
        identity: str,
        gained: Callable[[], None] = lambda: None,
        renewed: Callable[[], None] = lambda: None,
        duration: float = DURATION,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest, self.namespace, self.identity = rest, namespace, identity
        self._gained, self._renewed, self._clock = gained, renewed, clock
        self.duration = duration
        self._until = -1.0  # by the clock
        self._ours: Document | None = None  # as it was last written: a renewal need not read it
        self._seen = ("", 0.0)  # the version of another's Lease, and since when
        self._told = ""

    @property
    def held(self) -> bool:
        """Whether this operator may work in the namespace now."""
        return self._clock() < self._until

    async def keep(self) -> None:
        """Get the Lease and keep it, for ever; what stands in the way is logged when it changes.

        Raises:
            NotFound: there is no such namespace.
        """
        while True:
            try:
                await self.step()
            except NotFound as error:
                self._tell(str(error))
                raise
            except (SeedbedError, TimeoutError) as error:
                self._tell(f"the Lease {NAME} can't be kept: {error or 'no answer from the API server'}")
            await asyncio.sleep(self.duration / 3)

    async def step(self) -> bool:
        """Take, renew or watch the Lease once; whether it is held.

        Raises:
            NotFound: there is no such namespace.
            ClusterRefused: the API server says no.
            ClusterFailed: it can't be reached.
            TimeoutError: it does not answer in time.
        """
        now = self._clock()
        async with asyncio.timeout(self.duration / 2):
            return await self._step(now, self._ours or await self._rest.get(self._path()))

    async def _step(self, now: float, there: Document | None) -> bool:
        if there is not None and not self._free(there, now):
            self._until = -1.0
            self._tell(f"another operator, {_holder(there)}, works there: this one waits until it is gone")
            return False
        self._ours = await self._write(there, self.identity, self.duration)
        if self._ours is None:
            return False  # somebody else was faster
        had, self._until = self.held, now + self.duration
        self._renewed()
        if not had:
            self._tell("")
            log.info("works in namespace %s as %s", self.namespace, self.identity)
            self._gained()
        return True

    async def release(self) -> None:
        """Let the next operator begin at once; that the API server is gone is no matter."""
        if not self.held:
            return
        self._until = -1.0
        try:
            async with asyncio.timeout(self.duration / 2):
                there = await self._rest.get(self._path())
                if there is not None and _holder(there) == self.identity:
                    await self._write(there, "", 1)
        except (SeedbedError, TimeoutError) as error:
            log.warning("the Lease in namespace %s was not released: %s", self.namespace, error)

    def _path(self, name: str = NAME) -> str:
        return path_of(f"{GROUP}/{VERSION}", self.namespace, PLURAL, name)

    async def _write(self, there: Document | None, holder: str, duration: float) -> Document | None:
        """Create the Lease, or replace the one that was read; None if it changed since."""
        old = there["spec"] if there else {}
        same, now = old.get("holderIdentity") == holder, _micro_time(time.time())
        spec = {
            "holderIdentity": holder,
            "leaseDurationSeconds": math.ceil(duration),
            "acquireTime": old.get("acquireTime", now) if same else now,
            "renewTime": now,
            "leaseTransitions": old.get("leaseTransitions", 0) + (not same and there is not None),
        }
        metadata = {"name": NAME, "namespace": self.namespace}
        if there is not None:
            metadata["resourceVersion"] = there["metadata"]["resourceVersion"]
        body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Lease", "metadata": metadata, "spec": spec}
        try:
            if there is None:
                return await self._rest.create(self._path(""), body)
            return await self._rest.replace(self._path(), body)
        except (AlreadyExists, Conflict):
            return None
        except NotFound:
            if there is None:
                raise
            return None  # it was deleted: to be made again

    def _free(self, there: Document, now: float) -> bool:
        """Whether it is ours, nobody's, or has not changed for its holder's duration."""
        if _holder(there) in ("", self.identity):
            return True
        version = there["metadata"]["resourceVersion"]
        if self._seen[0] != version:
            self._seen = (version, now)
        patience = float(there["spec"].get("leaseDurationSeconds", self.duration))
        return now - self._seen[1] >= patience

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._told:
            log.warning("namespace %s: %s", self.namespace, trouble)
        self._told = trouble


def _holder(lease: Document) -> str:
    return lease.get("spec", {}).get("holderIdentity") or ""


def _micro_time(instant: float) -> str:
    """An instant as Kubernetes' MicroTime."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
