"""Whether this operator is still at work: what its liveness endpoint answers.

It is not when the oldest key of the queue has been due for too long, or when a sign of life that it wrote
(the renewal of a Lease) did not come back through the watch: then the watch is deaf, and a new process hears
again. While the API server is gone nothing is written, so that nothing is missed.
"""

import time
from collections.abc import Callable

import kopf

LONGEST_WORK = 900.0  # seconds: a planner's answer may take minutes
LONGEST_SILENCE = 180.0


class Health:
    """What is known of the queue and the watches.

    Args:
        oldest: how long ago the queue's oldest key was due, in seconds.
        clock: monotonic seconds.
    """

    def __init__(self, oldest: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        self.oldest, self._clock = oldest, clock
        self._unheard: dict[str, float] = {}

    def sent(self, namespace: str) -> None:
        """A sign of life was written in a namespace."""
        self._unheard.setdefault(namespace, self._clock())

    def heard(self, namespace: str) -> None:
        """One came back through the watch."""
        self._unheard.pop(namespace, None)

    def silence(self) -> float:
        """For how many seconds the oldest sign of life has not been heard."""
        return self._clock() - min(self._unheard.values()) if self._unheard else 0.0

    def trouble(self) -> str | None:
        """Why this process should be replaced: a sentence, or None."""
        if (age := self.oldest()) > LONGEST_WORK:
            return f"the oldest key of the work queue has been due for {age:.0f} s"
        if (age := self.silence()) > LONGEST_SILENCE:
            return f"the watches have heard nothing for {age:.0f} s"
        return None


def register(health: Health, registry: kopf.OperatorRegistry) -> None:
    """Have kopf's liveness endpoint answer by `health`: 200 with the ages, or 500."""

    @kopf.on.probe(id="seconds", registry=registry, errors=kopf.ErrorsMode.PERMANENT)
    async def probe(**_: object) -> dict[str, float]:
        if trouble := health.trouble():
            raise kopf.PermanentError(trouble)
        return {"queue": round(health.oldest(), 1), "watches": round(health.silence(), 1)}
