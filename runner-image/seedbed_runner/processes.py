"""Processes and their ends: who dies with whom, who is left, how much memory one holds.

Called by the supervisor (`train`) and the warm parent. Linux gives subreapers, parent-death signals and
/proc; elsewhere a run is ended by its process group alone.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from seedbed_runner.errors import Infrastructure

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_PAGE = resource.getpagesize()


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")


def die_with(parent: int, number: signal.Signals) -> None:
    """Ask the kernel for signal `number` when `parent` ends; end now if it already has."""
    if _LINUX:
        _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


def become_subreaper() -> None:
    """Have orphaned descendants handed to this process, so that `sweep` finds them."""
    if _LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children(pid: int | None = None) -> set[int]:
    """The living and unreaped children of `pid` (default: this process); empty where /proc is missing."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid or os.getpid()}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # that thread has ended since
            found.update(int(word) for word in task.read_text().split())
    return found


def descendants(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    unseen = children(pid)
    while unseen:
        found |= unseen
        unseen = {grandchild for child in unseen for grandchild in children(child)} - found
    return found


def resident_bytes(pids: Iterable[int]) -> int:
    """Resident memory of all these processes, pages that they share counted for each."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return total


def threads(pid: int | None = None) -> int:
    """How many threads a process has (default: this one); 1 where /proc is missing, 0 when it has ended."""
    if not _LINUX:
        return 1
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid or 'self'}/stat").read_text().rsplit(")", 1)[1].split()[17])
    return 0


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each of `pids` that still lives."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_group(leader: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to the process group that `leader` made, if anything of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: all are zombies (macOS)
        os.killpg(leader, number)


def sweep(spare: Iterable[int] = (), patience: float = 10.0) -> None:
    """Kill and reap every child of this subreaper but `spare`, and what comes to it as they die.

    Two empty looks in a row end it: a child that is born while /proc is read may be missing in one.

    Raises:
        Infrastructure: something is still alive after `patience` seconds (stuck in a driver or a dead disk).
    """
    spared, looks, give_up = set(spare), 0, time.monotonic() + patience
    while looks < 2:
        left = children() - spared
        looks = 0 if left else looks + 1
        signal_all(left, signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if left:
            time.sleep(0.001)
            if time.monotonic() > give_up:
                raise Infrastructure("SupervisorFailed", f"processes {sorted(left)} can't be killed")


def kernel_kills() -> int:
    """How many processes of this control group the kernel has killed for memory; 0 where it doesn't say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        group = Path("/proc/self/cgroup").read_text().split("::", 1)[1].splitlines()[0]
        events = Path(f"/sys/fs/cgroup{group}/memory.events").read_text().split()
        return int(events[events.index("oom_kill") + 1])
    return 0
