"""Forking with nothing left open: how a run's process and the train child come into being.

A fork has its own session, default signals, and no descriptor of its parent but the one it is given; it dies
with its parent, and its code never returns into the parent's.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from seedbed_runner import processes

_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def fork_isolated(body: Callable[[], int], output: int, *others: int) -> int:
    """Run `body` in a child whose stdout and stderr are `output`; the child's process id.

    Descriptors `others` are the child's 3, 4, …; it has no more.

    The child ends with the exit code that `body` returns, or 1 if it raises, and by SIGKILL when the parent
    ends.
    """
    parent = os.getpid()
    _flush()
    if pid := os.fork():
        return pid
    code = 1
    try:
        start_session(parent, signal.SIGKILL)
        only_descriptors(output, output, *others)
        sys.stdout = open(1, "w", errors="backslashreplace", closefd=False)
        sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        code = body()
    finally:
        _leave(code)


def start_session(parent: int, when_parent_ends: signal.Signals) -> None:
    """Give this fork a session and default signals, and tie its life to its parent's."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in _ENDINGS:
        signal.signal(number, signal.SIG_DFL)
    processes.die_with(parent, when_parent_ends)


def only_descriptors(*kept: int) -> None:
    """Make /dev/null descriptor 0 and `kept` those from 1 on; close all others."""
    high = [os.dup(source) for source in kept]  # out of the way of the numbers that are given now
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate((nothing, *high)):
        os.dup2(source, target)
    for descriptor in _open_descriptors():
        if descriptor > len(kept):
            with suppress(OSError):  # the one that listed the folder is closed already
                os.close(descriptor)


def _open_descriptors() -> list[int]:
    """Listed, not counted up to the limit: that may be a billion in a container."""
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except FileNotFoundError:
        return list(range(4096))


def _leave(code: int) -> NoReturn:
    """End this fork here and now; what `body` raised is printed, not passed on."""
    try:
        with suppress(OSError, ValueError):
            if error := sys.exception():
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
            _flush()
    finally:
        os._exit(code)  # even where the exception is foreign code that raises when it is printed


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
