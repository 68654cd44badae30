"""The Leases of every namespace in which this operator has something to do, each kept by a task of its own.

An operator of the whole cluster takes them one by one as it comes upon a namespace, so that it and one that
watches a few namespaces only never work on the same goals.
"""

import asyncio
from collections.abc import Callable, Collection

from seedbed.cluster.lease import Lease
from seedbed.errors import NotFound


class Leases:
    """Says where this operator may work.

    Args:
        make: a Lease for a namespace.
        gone: hears of a namespace that is no more.
    """

    def __init__(self, make: Callable[[str], Lease], gone: Callable[[str], None]) -> None:
        self._make, self._gone = make, gone
        self._leases: dict[str, Lease] = {}
        self._keeping: dict[str, asyncio.Task[None]] = {}
        self.broken = asyncio.Event()  # set when the keeping of one ended by a bug

    def want(self, namespaces: Collection[str]) -> None:
        """Try to get the Leases of these namespaces from now on."""
        for namespace in namespaces:
            if namespace not in self._leases:
                self._leases[namespace] = self._make(namespace)
                task = asyncio.create_task(self._keep(namespace, self._leases[namespace]))
                self._keeping[namespace] = task
                task.add_done_callback(self._ended)

    def held(self, namespace: str) -> bool:
        """Whether this operator may work there now; from the first question on it tries to get there."""
        self.want([namespace])
        return self._leases[namespace].held

    def holdings(self) -> dict[str, bool]:
        """Whether this operator may work now, in each namespace where it wants to."""
        return {namespace: lease.held for namespace, lease in self._leases.items()}

    async def _keep(self, namespace: str, lease: Lease) -> None:
        try:
            await lease.keep()
        except NotFound:  # should it be made again, its first goal asks for it again
            del self._leases[namespace], self._keeping[namespace]
            self._gone(namespace)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.broken.set()

    async def close(self) -> None:
        """Keep none any more, and release those that are held.

        Raises:
            Exception: the bug that ended the keeping of one.
        """
        tasks = list(self._keeping.values())
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(lease.release() for lease in self._leases.values()))
        for end in ends:
            if isinstance(end, Exception):
                raise end
