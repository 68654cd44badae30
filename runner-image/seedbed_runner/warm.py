"""The warm parent of the laptop's runs: imports what training needs once, then forks a process for each run.

Started by the launcher with a clean environment; told what to do on stdin, tells what happened on stdout, one
JSON object a line. It runs no op and holds no label, so that a fork is as good as a fresh process; and it has
one thread, since a fork copies no other.

    in   {"cmd": "start", "id", "work", "prepared", "destination"}     {"cmd": "stop", "id"}
         {"cmd": "start", …, "step": "check"}: check what was recorded (`checking`), train nothing
         {"cmd": "start", …, "foreign": true}: it runs code of others, and what that imports is loaded before
    out  {"event": "ready", "pid", "import_seconds"}     {"event": "failed", "message"}: can't serve
         {"event": "started", "id", "pid", "at"}
         {"event": "ended", "id", "class": "Recorded" | "Infrastructure", "reason", "message", "seconds"}

Nothing outlives it: at the end of stdin, or when its own parent dies, it ends every run.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from seedbed_runner import processes
from seedbed_runner.runprocess import fork_run, infrastructure, say
from seedbed_runner.sandbox import places
from seedbed_runner.sandbox.kernel import hide_memory

STOP_SECONDS = 2.0  # a stopped run may take to sweep its own processes


def main() -> int:
    """Serve until stdin ends; the exit code."""
    commands, events = _claim_protocol()
    parent = os.getppid()
    wakeup = _catch_sigterm()
    processes.die_with(parent, signal.SIGTERM)
    started = time.monotonic()
    gc.disable()  # what an import makes stays: collections meanwhile would find nothing, for half a second
    if problem := _import_training():
        say(events, event="failed", message=problem)
        return 1
    processes.become_subreaper()
    hide_memory()
    places.common()
    gc.collect()
    gc.enable()
    gc.freeze()  # a collection in a fork would copy every page that it marks
    say(events, event="ready", pid=os.getpid(), import_seconds=round(time.monotonic() - started, 3))
    WarmParent(commands, events, wakeup).serve()
    return 0


def _claim_protocol() -> tuple[int, int]:
    """Keep stdin and stdout for the protocol alone: what a library prints goes to stderr."""
    commands, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, events


def _catch_sigterm() -> int:
    """Turn SIGTERM into a readable descriptor; Ctrl-C is the launcher's business."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _import_training() -> str | None:
    """Import all that a run imports; what keeps this process from serving, if anything."""
    try:
        for module in ("torch.optim", "sklearn.metrics", "seedbed_runner.run"):
            importlib.import_module(module)
    except (ImportError, OSError) as error:
        return f"training needs torch and its companions ({error}): install seedbed[runner]"
    if (count := processes.threads()) != 1:
        return f"the warm parent has {count} threads instead of one: set OMP_NUM_THREADS=1 and its like to 1"
    return None


def _import_compiler() -> None:
    """Import what optimizers of generated code import: a second in each run, were it not loaded here."""
    if "torch._dynamo" not in sys.modules:
        importlib.import_module("torch._dynamo")
        gc.freeze()


@dataclass
class _Run:
    """A run under way: its process, the pipe of its outcome, and when a stop turns into a kill."""

    id: str
    pid: int
    outcome: int
    since: float
    told: bytes = b""
    kill_at: float | None = None


class WarmParent:
    """The loop that takes commands, forks runs and reports their ends; it never waits for one."""

    def __init__(self, commands: int, events: int, wakeup: int) -> None:
        self._commands, self._events, self._wakeup = commands, events, wakeup
        self._runs: dict[str, _Run] = {}
        self._buffer = b""
        self._open = True
        self._selector = selectors.DefaultSelector()
        self._selector.register(commands, selectors.EVENT_READ)
        self._selector.register(wakeup, selectors.EVENT_READ)

    def serve(self) -> None:
        """Work until stdin ends or SIGTERM comes; then end all runs."""
        while self._open or self._runs:
            for key, _ in self._selector.select(self._patience()):
                if key.fd == self._commands:
                    self._read_commands()
                elif key.fd == self._wakeup:
                    os.read(self._wakeup, 512)
                    self._close()
                else:
                    self._read_outcome(key.data)
            self._kill_overdue()

    def _patience(self) -> float | None:
        due = [run.kill_at for run in self._runs.values() if run.kill_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _read_commands(self) -> None:
        data = os.read(self._commands, 65_536)
        if not data:
            self._close()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in filter(None, lines):
            command = json.loads(line)
            if command["cmd"] == "start":
                self._start(command)
            elif command["cmd"] == "stop" and command["id"] in self._runs:
                self._stop(self._runs[command["id"]])

    def _close(self) -> None:
        """Take no more commands, and stop what runs."""
        if self._open:
            self._open = False
            self._selector.unregister(self._commands)
            for run in self._runs.values():
                self._stop(run)

    def _start(self, command: dict[str, Any]) -> None:
        if command["id"] in self._runs:
            return
        if command.get("foreign"):
            _import_compiler()
        readable, writable = os.pipe()
        pid = fork_run(command, writable)
        os.close(writable)
        run = _Run(command["id"], pid, readable, time.monotonic())
        self._runs[run.id] = run
        self._selector.register(readable, selectors.EVENT_READ, run)
        say(self._events, event="started", id=run.id, pid=pid, at=time.time())

    def _stop(self, run: _Run) -> None:
        if run.kill_at is None:
            run.kill_at = time.monotonic() + STOP_SECONDS
            os.kill(run.pid, signal.SIGTERM)  # not reaped yet, so the number is still its own

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for run in self._runs.values():
            if run.kill_at is not None and now >= run.kill_at:
                run.kill_at = now + STOP_SECONDS
                processes.signal_all([*processes.descendants(run.pid), run.pid], signal.SIGKILL)

    def _read_outcome(self, run: _Run) -> None:
        """Take what a run's process tells; at the end of it the process has ended."""
        if data := os.read(run.outcome, 65_536):
            run.told += data
            return
        self._selector.unregister(run.outcome)
        os.close(run.outcome)
        _, status = os.waitpid(run.pid, 0)
        del self._runs[run.id]
        processes.sweep(
            spare={other.pid for other in self._runs.values()}
        )  # orphans of a run that was killed
        seconds = round(time.monotonic() - run.since, 3)
        say(self._events, event="ended", id=run.id, seconds=seconds, **_outcome(run, status))


def _outcome(run: _Run, status: int) -> dict[str, str]:
    if run.told.endswith(b"\n"):
        told: dict[str, str] = json.loads(run.told)
        return told
    if run.kill_at is not None:
        return infrastructure("Stopped", "the run was stopped")
    code = os.waitstatus_to_exitcode(status)
    return infrastructure("Killed", f"the run's process ended with code {code} before its record")
