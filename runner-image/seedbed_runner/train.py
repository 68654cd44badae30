"""The train step's supervisor: forks the child, bounds its time, memory and output, and sees it dead.

Trusted; called in the run's own process, which may be the first of a container. It believes nothing that the
child says but the *text* of a failure; how long it ran, how much memory it took and how it ended are measured
here. When `supervise` returns, nothing that the child started is alive any more.
"""

import os
import resource
import selectors
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seedbed_runner import child, processes
from seedbed_runner.contract.records import MODEL_FAILURES, Failure, InvalidRecord, RunRequest
from seedbed_runner.errors import Infrastructure, ModelFailure
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.forks import fork_isolated
from seedbed_runner.log import CappedLog
from seedbed_runner.plainfile import read_plain
from seedbed_runner.printable import printable
from seedbed_runner.workfolder import FAILURE, TrainRecord, WorkFolder, make_empty

POLL_SECONDS = 0.02
GRACE_SECONDS = 1.0  # between SIGTERM and SIGKILL at the deadline
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
_FULL_BELOW = 1_000_000  # bytes that are free on a disk that counts as full


@dataclass(frozen=True)
class _End:
    """How the child ended: its wait status and usage, and the failure for which it was killed here."""

    status: int
    usage: resource.struct_rusage
    killed_for: Failure | None


def supervise(
    work: Path, request: RunRequest, run: Callable[[Path, RunRequest], int] = child.run
) -> TrainRecord:
    """Run the train child to its end.

    Args:
        work: the work folder, with `data` fetched; an `out` of an earlier try is emptied.
        request: the run; its deadline and memory limit are enforced.
        run: what the child does; its return value is the exit code.

    Raises:
        Infrastructure: the child was killed from outside, or the disk is full.
        OSError: the log can't be written.
    """
    folder = WorkFolder(work)
    make_empty(folder.out)
    processes.become_subreaper()
    spare, kills, started_at, clock = (
        processes.children(),
        processes.kernel_kills(),
        time.time(),
        time.monotonic(),
    )
    output, child_output = os.pipe()
    pid = fork_isolated(lambda: run(work, request), child_output)
    os.close(child_output)
    try:
        with CappedLog(folder.log) as log:
            end = _watch(pid, output, log, request)
        seconds = time.monotonic() - clock
    finally:
        os.close(output)
        processes.kill_group(pid)
        processes.sweep(spare)
    failure = end.killed_for or _explain(end.status, folder, processes.kernel_kills() > kills)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return TrainRecord(
        started_at=started_at,
        finished_at=time.time(),
        seconds=seconds,
        peak_memory_bytes=end.usage.ru_maxrss * unit,
        fingerprint=fingerprint(request.threads, request.device),
        failure=failure,
    )


def _watch(pid: int, output: int, log: CappedLog, request: RunRequest) -> _End:
    """Drain the child's output and enforce its limits until it has ended."""
    deadline = time.monotonic() + request.deadline_seconds
    killed_for: Failure | None = None
    os.set_blocking(output, False)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if selector.select(POLL_SECONDS) and not log.drain(output):
                selector.unregister(output)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                log.drain(output)
                return _End(status, usage, killed_for)
            now = time.monotonic()
            if killed_for is None and (killed_for := _broken_limit(pid, now, deadline, request)):
                processes.kill_group(
                    pid, signal.SIGTERM if killed_for.reason == "Deadline" else signal.SIGKILL
                )
                deadline = now + GRACE_SECONDS
            elif killed_for and now > deadline:
                processes.kill_group(pid)


def _broken_limit(pid: int, now: float, deadline: float, request: RunRequest) -> Failure | None:
    if now > deadline:
        return Failure("Deadline", f"training took longer than {request.deadline_seconds:g} s")
    if request.memory_bytes is not None:
        used = processes.resident_bytes({pid} | processes.descendants(pid))
        if used > request.memory_bytes:
            limit = request.memory_bytes / 2**20
            return Failure(
                "OutOfMemory", f"training took {used / 2**20:.0f} MiB of memory, {limit:.0f} are allowed"
            )
    return None


def _explain(status: int, folder: WorkFolder, killed_for_memory: bool) -> Failure | None:
    """What an end that was not ours means; None if predictions may be expected.

    Raises:
        Infrastructure: somebody outside ended it, or this machine's disk is full.
    """
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return _told_failure(folder)
    if code == child.EXIT_DISK_FULL:
        disk = os.statvfs(folder.root)
        if disk.f_bavail * disk.f_frsize < _FULL_BELOW:
            raise Infrastructure("DiskFull", f"the disk of {folder.root} is full: make room, then go on")
        return Failure("Disk", "training wrote more than it may")
    if code == -signal.SIGKILL and killed_for_memory:
        return Failure("OutOfMemory", "the kernel ended the training process for want of memory")
    if -code in _FROM_OUTSIDE:
        raise Infrastructure("Killed", f"the training process was ended from outside by {_name(-code)}")
    if code < 0:
        return Failure("Crash", f"the training process died of {_name(-code)}")
    return _told_failure(folder) or Failure(
        "NoPredictions", f"training exited with code {code} before predicting"
    )


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _told_failure(folder: WorkFolder) -> Failure | None:
    """The failure that the child tells of: untrusted text, so its reason must be a known one."""
    try:
        told = Failure.from_json(read_plain(folder.out, FAILURE, limit=65_536))
    except (ModelFailure, InvalidRecord):
        return None
    return Failure(told.reason if told.reason in MODEL_FAILURES else "Crash", printable(told.message))
