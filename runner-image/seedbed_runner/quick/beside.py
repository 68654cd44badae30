"""A judge in a process beside the one that trains: in a fresh process both import their libraries at once.

torch and scikit-learn take a second or two each to be imported, and neither half of an evaluation needs both.
"""

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.errors import Infrastructure, RunnerError
from seedbed_runner.quick.atonce import can_fork, cores
from seedbed_runner.quick.config import QuickEvalConfig
from seedbed_runner.quick.halves import Rows
from seedbed_runner.quick.result import SeedResult


def pays() -> bool:
    """Whether there is anything to gain, and a fork is safe: nothing is imported yet, and no thread runs."""
    fresh = sys.modules.keys().isdisjoint({"torch", "sklearn"}) and threading.active_count() == 1
    return fresh and can_fork() and cores() > 1


@contextmanager
def no_collections() -> Iterator[None]:
    """For imports: what they make stays, and collections meanwhile would look for half a second in vain."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class JudgeBeside:
    """As a `Judge`; it reads the data while its caller goes on, and what it raises is raised by `rows`."""

    def __init__(self, config: QuickEvalConfig) -> None:
        context = multiprocessing.get_context("fork")
        self._asked, asked = context.Pipe()
        self._process = context.Process(target=_serve, args=(config, asked, self._asked), daemon=True)
        self._process.start()
        asked.close()

    def rows(self) -> Rows:
        """As `Judge.rows`."""
        rows: Rows = self._ask("rows")
        return rows

    def score(self, seed: int, predicted: NDArray[np.float32], seconds: float) -> SeedResult:
        """As `Judge.score`."""
        result: SeedResult = self._ask("score", seed, predicted, seconds)
        return result

    def conclude(self, results: list[SeedResult]) -> dict[str, Any]:
        """As `Judge.conclude`."""
        fields: dict[str, Any] = self._ask("conclude", results)
        return fields

    def close(self) -> None:
        """End its process."""
        self._process.kill()
        self._process.join()

    def _ask(self, name: str, *given: object) -> Any:
        try:
            self._asked.send((name, given))
            answer = self._asked.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = self._process.exitcode
            raise Infrastructure("Crash", f"the process that reads the data ended with code {code}") from None
        if isinstance(answer, RunnerError):
            raise answer
        return answer


def _serve(config: QuickEvalConfig, asked: Connection, others_end: Connection) -> None:
    """Answer until the other end is closed; what is no `RunnerError` ends the process with its traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that trains is told, and ends this one
    others_end.close()
    with suppress(EOFError):
        try:
            with no_collections():
                from seedbed_runner.quick.judge import Judge
            judge = Judge(config)
        except RunnerError as error:
            asked.recv()
            asked.send(error)
            return
        while True:
            name, given = asked.recv()
            asked.send(getattr(judge, name)(*given))
