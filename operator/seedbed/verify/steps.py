"""The runner's steps on this machine, several at a time: forked by a warm parent, as any run is."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from seedbed.errors import LauncherFailed
from seedbed.local.warm import WarmParent

Step = Literal["check", "run"]


class Steps:
    """A warm parent, and who waits for which of its processes; use it within one event loop."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._warm = WarmParent(self._heard, self._fail)
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def open(self) -> None:
        """Start it.

        Raises:
            LauncherFailed: nothing can be trained on this machine, in a sentence.
        """
        await self._warm.start()
        await self._ready

    async def carry_out(self, step: Step, work: Path, prepared: Path, destination: Path) -> str | None:
        """Carry out one step of a run in its own process; why it could not be, in a sentence, or None."""
        places = {"work": str(work), "prepared": str(prepared), "destination": str(destination)}
        async with self._free:
            ident = f"{step}:{work}"
            ended = self._waiting[ident] = asyncio.get_running_loop().create_future()
            self._warm.send({"cmd": "start", "id": ident, "step": step, **places})
            event = await ended
        return None if event["class"] == "Recorded" else str(event["message"])

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "ready" and not self._ready.done():
            self._ready.set_result(None)
        elif event["event"] in ("failed", "died"):
            self._fail(LauncherFailed(event["message"] or "the process that starts runs died"))
        elif event["event"] == "ended":
            ended = self._waiting.pop(event["id"], None)
            if ended is not None and not ended.done():  # else whoever waited was interrupted
                ended.set_result(event)

    def _fail(self, error: Exception) -> None:
        """Everybody who waits hears of it; who comes later hears it from the dead process's end."""
        futures: list[asyncio.Future[Any]] = [self._ready, *self._waiting.values()]
        for future in futures:
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()

    async def close(self) -> None:
        """End everything that is alive."""
        self._waiting.clear()
        await self._warm.close()
        if self._ready.done() and not self._ready.cancelled():
            self._ready.exception()  # it was told, or nobody waits any more
