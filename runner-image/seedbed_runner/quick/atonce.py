"""Several seeds at once: a forked process each, over the cores; called by the evaluator.

A fork shares the data's pages with its parent and needs nothing to be pickled but its result, so any function
will do as a model. Seeds do not know of each other: the bits are those of one seed after the other.
"""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from seedbed_runner.errors import ModelFailure

Result = TypeVar("Result")


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether processes of this system can be forked with numerical libraries loaded."""
    return os.name == "posix" and os.uname().sysname == "Linux"


@dataclass(frozen=True)
class _Worker(Generic[Result]):
    process: BaseProcess
    results: Connection


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
    running: dict[int, _Worker[Result]] = {}
    found: dict[int, tuple[Result] | None] = {}
    try:
        waiting = iter(seeds)
        for due in seeds:
            while due not in found:
                for seed in waiting:
                    running[seed] = _start(function, seed)
                    if len(running) == workers:
                        break
                found.update(_finished(running))
            result = found.pop(due)
            yield function(due) if result is None else result[0]
    finally:
        for worker in running.values():
            worker.process.kill()
            worker.process.join()


def _start(function: Callable[[int], Result], seed: int) -> "_Worker[Result]":
    context = multiprocessing.get_context("fork")
    results, told = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(function, seed, told), daemon=True)
    with warnings.catch_warnings():
        # A caller's own threads are not in the fork, which takes none of their locks.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    told.close()
    return _Worker(process, results)


def _tell(function: Callable[[int], Result], seed: int, results: Connection) -> None:
    try:
        results.send((function(seed),))
    except Exception:  # the parent runs it again and raises it with its traceback
        results.send(None)


def _finished(running: "dict[int, _Worker[Result]]") -> "dict[int, tuple[Result] | None]":
    """Wait until a fork has ended; the results of those that have, None for what raised."""
    ready = set(wait([worker.results for worker in running.values()]))
    found = {}
    for seed, worker in list(running.items()):
        if worker.results in ready:
            try:
                found[seed] = worker.results.recv()
            except EOFError as error:
                worker.process.join()
                code = worker.process.exitcode
                raise ModelFailure("Crash", f"seed {seed}'s process ended with code {code}") from error
            worker.process.join()
            worker.results.close()
            del running[seed]
    return found
