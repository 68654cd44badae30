"""Several seeds at once: over the cores, in forks that take one seed after the other; called by `training`.

A fork shares the data's pages with its parent and needs nothing to be pickled but its result, so any function
will do as a model. Seeds do not know of each other: the bits are those of one seed after the other.
"""

import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from seedbed_runner import processes
from seedbed_runner.errors import ModelFailure

Result = TypeVar("Result")


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether processes of this system can be forked with numerical libraries loaded."""
    return os.name == "posix" and os.uname().sysname == "Linux"


def at_once(function: Callable[[int], Result], seeds: Sequence[int], workers: int) -> Iterator[Result]:
    """`function` of each seed, in the order of the seeds, at most `workers` of them at a time.

    What it raises in a fork it raises here: that seed is run again in this process, so that the error has its
    traceback. With one worker nothing is forked.

    Raises:
        ModelFailure: Crash, when a fork was killed.
    """
    if workers < 2:
        yield from map(function, seeds)
        return
    waiting, found = iter(seeds), dict[int, tuple[Result] | None]()
    crew = [_Worker(function) for _ in range(min(workers, len(seeds)))]
    try:
        for worker in crew:
            worker.take(next(waiting))
        for due in seeds:
            while due not in found:
                for worker in _ready(crew):
                    found[worker.seed] = worker.result()
                    worker.take(next(waiting, None))
            result = found.pop(due)
            yield function(due) if result is None else result[0]
    finally:
        for worker in crew:
            worker.process.kill()
            worker.process.join()


class _Worker(Generic[Result]):
    """A fork, and the seed that it is at; below 0 once there are no more."""

    def __init__(self, function: Callable[[int], Result]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, its_end = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_work, args=(function, its_end, os.getpid()), daemon=True
        )
        self.seed = -1
        with warnings.catch_warnings():
            # A caller's own threads are not in the fork, which takes none of their locks.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        its_end.close()

    def take(self, seed: int | None) -> None:
        """Go on with a seed. Where its process has ended meanwhile, `result` says so."""
        self.seed = -1 if seed is None else seed
        if seed is not None:
            with suppress(ConnectionError):
                self.pipe.send(seed)

    def result(self) -> "tuple[Result] | None":
        """What its seed gave, None if that raised."""
        try:
            told: tuple[Result] | None = self.pipe.recv()
        except (EOFError, ConnectionError) as error:
            self.process.join()
            code = self.process.exitcode
            raise ModelFailure("Crash", f"seed {self.seed}'s process ended with code {code}") from error
        return told


def _ready(crew: "Sequence[_Worker[Result]]") -> "list[_Worker[Result]]":
    """Those that are done with their seed; waits for one at least."""
    busy = [worker for worker in crew if worker.seed >= 0]
    ready = set(wait([worker.pipe for worker in busy]))
    return [worker for worker in busy if worker.pipe in ready]


def _work(function: Callable[[int], Result], asked: Connection, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends this process
    processes.die_with(parent, signal.SIGKILL)
    while True:
        seed = asked.recv()
        try:
            asked.send((function(seed),))
        except Exception:  # the parent runs it again and raises it with its traceback
            asked.send(None)
