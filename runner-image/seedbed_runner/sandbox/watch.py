"""What the supervisor watches while a child runs: time, memory, threads and files, all seen from outside."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seedbed_runner import processes
from seedbed_runner.contract.records import Failure, RunRequest
from seedbed_runner.sandbox.policy import Limits


@dataclass(frozen=True)
class Contents:
    """What a folder holds: how many entries, and the bytes that they take on disk."""

    entries: int
    bytes: int


class Watch:
    """The limits of one run; `exceeded` is asked many times a second."""

    def __init__(self, out: Path, request: RunRequest, limits: Limits) -> None:
        self._out, self._request, self._limits = out, request, limits
        self._deadline = time.monotonic() + request.deadline_seconds

    def exceeded(self, pid: int) -> Failure | None:
        """Which limit process `pid` and its descendants exceed, if any."""
        if time.monotonic() > self._deadline:
            return Failure("Deadline", f"training took longer than {self._request.deadline_seconds:g} s")
        everyone = {pid} | processes.descendants(pid)
        return self._exceeded_memory(everyone) or self._exceeded_threads(everyone) or self.exceeded_disk()

    def _exceeded_memory(self, pids: set[int]) -> Failure | None:
        limit = self._request.memory_bytes
        if limit is None or (used := processes.resident_bytes(pids)) <= limit:
            return None
        said = f"training took {used / 2**20:.0f} MiB of memory, {limit / 2**20:.0f} are allowed"
        return Failure("OutOfMemory", said)

    def _exceeded_threads(self, pids: set[int]) -> Failure | None:
        limit = self._limits.threads + self._request.threads
        if (count := sum(map(processes.threads, pids))) <= limit:
            return None
        return Failure("Processes", f"training started {count} processes and threads, {limit} are allowed")

    def exceeded_disk(self) -> Failure | None:
        """Which limit on files is exceeded, if any."""
        found = contents(self._out, at_most=self._limits.entries)
        if found.entries > self._limits.entries:
            return Failure("Disk", f"training made more than {self._limits.entries} files")
        if found.bytes > self._limits.disk_bytes:
            wrote, limit = found.bytes / 2**20, self._limits.disk_bytes / 2**20
            return Failure("Disk", f"training wrote {wrote:.0f} MiB, {limit:.0f} are allowed")
        return None


def contents(folder: Path, at_most: int = 100_000) -> Contents:
    """What is in a folder and below, without following links; counting ends soon after `at_most` entries."""
    entries, size, unread = 0, 0, [str(folder)]
    while unread and entries <= at_most:
        with suppress(OSError), os.scandir(unread.pop()) as found:  # gone meanwhile, or too deep to be named
            for entry in found:
                entries += 1
                if entries > at_most:
                    break
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    unread.append(entry.path)
    return Contents(entries, size)
