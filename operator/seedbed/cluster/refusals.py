"""Why the Job controller could make no pods: its events of a namespace, read once for all Jobs that ask.

The API server finds the events of one Job by reading all of the namespace's from its database (with a
thousand Jobs half of a reconcile's time). So those of this reason are read together, and hold for a moment.
"""

import asyncio
import math
import time
from collections.abc import Callable

from seedbed.cluster.rest import Rest, path_of

HOLDS = 3.0  # seconds
FIELDS = "involvedObject.kind=Job,reason=FailedCreate"


class Refusals:
    """The refusals of one namespace, by the Job's UID.

    Args:
        rest: the API server.
        namespace: where the Jobs are.
        clock: monotonic seconds.
    """

    def __init__(self, rest: Rest, namespace: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest, self._path, self._clock = rest, path_of("v1", namespace, "events"), clock
        self._messages: dict[str, str] = {}
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def of(self, uid: str) -> str:
        """What was said last when a pod of the Job was refused; empty when none was."""
        async with self._reading:
            if (now := self._clock()) - self._read_at >= HOLDS:
                self._messages = await self._read()
                self._read_at = now
        return self._messages.get(uid, "")

    async def _read(self) -> dict[str, str]:
        events = await self._rest.list_all(self._path, fieldSelector=FIELDS)
        events.sort(key=lambda event: event.get("lastTimestamp") or "")
        return {
            event["involvedObject"]["uid"]: str(event.get("message", "")).removeprefix("Error creating: ")
            for event in events
        }
