"""The train step's supervisor: forks a sealed child, bounds all that it takes, and sees it dead.

Trusted; called in the run's own process, which may be the first of a container. It lets the child run code
of others only when it has seen the seal that the request demands, and believes nothing that is said after
that but the *text* of a failure; how long it ran, how much it took and how it ended are measured here. When
`supervise` returns, nothing that the child started is alive any more.
"""

import os
import resource
import selectors
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
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
from seedbed_runner.sandbox import Limits, Policy, Seal, assurance_of, kernel
from seedbed_runner.sandbox.gate import Gate, pass_through
from seedbed_runner.sandbox.places import has_gpu
from seedbed_runner.sandbox.watch import Watch, contents
from seedbed_runner.workfolder import FAILURE, TrainRecord, WorkFolder, make_empty

POLL_SECONDS = 0.02
GRACE_SECONDS = 1.0  # between SIGTERM and SIGKILL at the deadline
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
DEFAULT_LIMITS = Limits()
_FULL_BELOW = 1_000_000  # bytes that are free on a disk that counts as full
_MUCH = 64 * 2**20  # bytes; who wrote more than that, and half of a disk, has filled it


@dataclass(frozen=True)
class _End:
    """How the child ended: its wait status and usage, and the failure for which it was killed here."""

    status: int
    usage: resource.struct_rusage
    killed_for: Failure | None


def supervise(
    work: Path,
    request: RunRequest,
    run: Callable[[Path, RunRequest], int] = child.run,
    limits: Limits = DEFAULT_LIMITS,
    pipes: tuple[int, ...] = (),
) -> TrainRecord:
    """Run a sealed child to its end.

    Args:
        work: the work folder, with `data` fetched; an `out` of an earlier try is emptied.
        request: the run; its deadline and memory limit are enforced, its demand is met or nothing runs.
        run: what the child does once it is sealed; its return value is the exit code. It reads `data`, and
            makes regular files in `out` alone.
        limits: further amounts.
        pipes: what the child has as descriptors 5, 6, …; they stay open here.

    Raises:
        Infrastructure: the child could not be sealed as demanded, it was killed from outside, or the disk is
            full.
        OSError: the log can't be written.
    """
    folder = WorkFolder(work.resolve())
    make_empty(folder.out)
    folder.scratch.mkdir(mode=0o700)
    kernel.hide_memory()
    processes.become_subreaper()
    spare, kills, started_at, clock = (
        processes.children(),
        processes.kernel_kills(),
        time.time(),
        time.monotonic(),
    )
    output, child_output = os.pipe()
    gate = Gate()
    policy = _policy(folder, request, limits)

    def body() -> int:
        pass_through(policy, 3, 4)
        return run(folder.root, request)

    pid = fork_isolated(body, child_output, *gate.child_ends, *pipes)
    os.close(child_output)
    gate.close_child_ends()
    try:
        with CappedLog(folder.log) as log:
            seal = gate.open_for(pid, request)
            end = _watch(pid, output, log, Watch(folder.out, request, limits))
        seconds = time.monotonic() - clock
    finally:
        gate.close()
        os.close(output)
        processes.kill_group(pid)
        processes.sweep(spare)
    failure = end.killed_for or _explain(end.status, folder, processes.kernel_kills() > kills)
    with suppress(RecursionError):  # folders in folders, where nothing kept the child from making them
        shutil.rmtree(folder.scratch, ignore_errors=True)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return TrainRecord(
        started_at=started_at,
        finished_at=time.time(),
        seconds=seconds,
        peak_memory_bytes=end.usage.ru_maxrss * unit,
        fingerprint=fingerprint(request.threads, request.device),
        failure=failure,
        assurance=assurance_of(request, seal),
        seal=_in_force(request, seal),
    )


def _policy(folder: WorkFolder, request: RunRequest, limits: Limits) -> Policy:
    return Policy(
        read=(folder.data,),
        write=folder.out,
        scratch=folder.scratch,
        devices=request.device != "cpu" and has_gpu(),
        memory_bytes=request.memory_bytes,
        limits=limits,
    )


def _in_force(request: RunRequest, seal: Seal) -> dict[str, str]:
    return seal.document() | ({"declared": request.declared} if request.declared else {})


def _watch(pid: int, output: int, log: CappedLog, watch: Watch) -> _End:
    """Drain the child's output and enforce its limits until it has ended."""
    killed_for: Failure | None = None
    kill_at = 0.0
    os.set_blocking(output, False)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if selector.select(POLL_SECONDS) and not log.drain(output):
                selector.unregister(output)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                log.drain(output)
                return _End(status, usage, killed_for or watch.exceeded_disk())
            now = time.monotonic()
            if killed_for is None and (killed_for := watch.exceeded(pid)):
                gentle = killed_for.reason == "Deadline"
                processes.kill_group(pid, signal.SIGTERM if gentle else signal.SIGKILL)
                kill_at = now + GRACE_SECONDS
            elif killed_for and now > kill_at:
                processes.kill_group(pid)


def _explain(status: int, folder: WorkFolder, killed_for_memory: bool) -> Failure | None:
    """What an end that was not ours means; None if predictions may be expected.

    Raises:
        Infrastructure: somebody outside ended it, or this machine's disk is full.
    """
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return _told_failure(folder)
    if code == child.EXIT_DISK_FULL:
        disk, wrote = os.statvfs(folder.out), contents(folder.out).bytes
        its_own = wrote > max(_MUCH, disk.f_blocks * disk.f_frsize / 2)
        if disk.f_bavail * disk.f_frsize < _FULL_BELOW and not its_own:
            raise Infrastructure("DiskFull", f"the disk of {folder.root} is full: make room, then go on")
        return Failure("Disk", f"training filled its disk: it wrote {wrote / 2**20:.0f} MiB")
    if code == -signal.SIGKILL and killed_for_memory:
        return Failure("OutOfMemory", "the kernel ended the training process for want of memory")
    if code == -signal.SIGSYS:
        return Failure("Forbidden", "training made a system call of another processor mode, which ended it")
    if code == -signal.SIGXFSZ:
        return Failure("Size", "training wrote a file that is larger than it may be")
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
