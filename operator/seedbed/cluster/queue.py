"""The operator's work queue: which resource is to be looked at, when, and by one worker at a time.

Watches, timers and the workers themselves call `add`; a key that is due already is not due twice, and one
that is added while it is being worked on is worked on once more afterwards. Urgent keys overtake the
others, every other turn: what ends among many that begin is told soon, and those still begin.

Each piece of work is a task of its own: whatever it raises ends that task only, is told to `failed`, and the
key comes back after a pause that doubles up to `longest`. There is no worker that could die.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class WorkQueue(Generic[Key]):
    """Call `work(key)` for every key that was added; use it within one event loop.

    Args:
        work: does what is to be done for a key; returns in how many seconds to do it again, or None.
        failed: hears what `work` raised for a key, and in how many seconds it is tried again.
        workers: how many keys are worked on at once.
        first: the pause after a key's first failure, in seconds; it doubles with each further one.
        longest: what the pause never exceeds.
    """

    def __init__(
        self,
        work: Callable[[Key], Coroutine[Any, Any, float | None]],
        failed: Callable[[Key, BaseException, float], None],
        workers: int = 4,
        first: float = 1.0,
        longest: float = 30.0,
    ) -> None:
        self._work, self._failed = work, failed
        self._workers, self._first, self._longest = workers, first, longest
        self._due: dict[Key, float] = {}  # since when; in the order of being worked on
        self._urgent: dict[Key, None] = {}  # those due or added again that overtake others, in their order
        self._overtaken = False  # whether the key that is due for longest waited for another just now
        self._working: dict[Key, float] = {}  # since when it was due
        self._again: dict[Key, float] = {}  # added while worked on, since when
        self._later: dict[Key, tuple[asyncio.TimerHandle, bool]] = {}  # and whether it will be urgent
        self._failures: dict[Key, int] = {}
        self._tasks: set[asyncio.Task[float | None]] = set()
        self._open = True

    def add(self, key: Key, urgent: bool = False) -> None:
        """Have a key worked on as soon as a worker is free; an urgent one before those that are not."""
        if not self._open:
            return
        if later := self._later.pop(key, None):
            later[0].cancel()
            urgent = urgent or later[1]
        if urgent:
            self._urgent.setdefault(key)
        now = asyncio.get_running_loop().time()
        if key in self._working:
            self._again.setdefault(key, now)
        else:
            self._due.setdefault(key, now)
            self._fill()

    def add_after(self, key: Key, seconds: float, urgent: bool = False) -> None:
        """Have a key worked on in `seconds`, or earlier if it is asked for earlier."""
        if seconds <= 0:
            self.add(key, urgent)
        elif self._open and (key in self._due or key in self._again):
            if urgent:
                self._urgent.setdefault(key)
        elif self._open:
            self._plan(key, asyncio.get_running_loop().time() + seconds, urgent)

    def oldest(self) -> float:
        """How many seconds ago the oldest key was due that is not done yet; 0 when there is none."""
        since = min((*self._due.values(), *self._working.values()), default=math.inf)
        return max(0.0, asyncio.get_running_loop().time() - since) if since < math.inf else 0.0

    def keys(self) -> list[Key]:
        """Those that are due or being worked on."""
        return [*self._due, *self._working]

    def __len__(self) -> int:
        """How many those are."""
        return len(self._due) + len(self._working)

    async def close(self, patience: float) -> None:
        """Take nothing more, let what is under way end within `patience` seconds, and cancel the rest."""
        self._open = False
        for timer, _ in self._later.values():
            timer.cancel()
        self._later.clear()
        self._due.clear()
        self._urgent.clear()
        self._again.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _plan(self, key: Key, when: float, urgent: bool) -> None:
        """The earliest time counts, and that it was urgent once."""
        if planned := self._later.get(key):
            planned[0].cancel()
            when, urgent = min(when, planned[0].when()), urgent or planned[1]
        timer = asyncio.get_running_loop().call_at(when, self.add, key, urgent)
        self._later[key] = timer, urgent

    def _fill(self) -> None:
        while self._due and len(self._working) < self._workers:
            key = self._next()
            self._urgent.pop(key, None)
            self._working[key] = self._due.pop(key)
            task = asyncio.create_task(self._work(key))
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, key))

    def _next(self) -> Key:
        """An urgent key, and after it the one that is due for longest."""
        longest = next(iter(self._due))
        # No more of the urgent ones than are being worked on are not due.
        first = next((key for key in self._urgent if key in self._due), longest)
        self._overtaken = not self._overtaken and first != longest
        return first if self._overtaken else longest

    def _done(self, key: Key, task: "asyncio.Task[float | None]") -> None:
        self._tasks.discard(task)
        del self._working[key]
        if task.cancelled():  # only `close` cancels
            return
        if key in self._again:
            self._due[key] = self._again.pop(key)
        if error := task.exception():
            pause = min(self._first * 2 ** self._failures.get(key, 0), self._longest)
            self._failures[key] = min(self._failures.get(key, 0) + 1, 64)
            self._failed(key, error, pause)
            self.add_after(key, pause)
        else:
            self._failures.pop(key, None)
            if (seconds := task.result()) is not None:
                self.add_after(key, seconds)
        self._fill()
