"""A run's own process, forked by the warm parent: all steps of one run, or the check of a recorded one.

Its outcome is told in one line.
Imports nothing heavy itself: the warm parent loads it before it knows whether torch can be imported.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from seedbed_runner import processes
from seedbed_runner.forks import only_descriptors, start_session

_OUTCOME = 3


def say(descriptor: int, **event: Any) -> None:
    """Write one JSON object and a newline."""
    data = memoryview(json.dumps(event).encode() + b"\n")
    while data:
        data = data[os.write(descriptor, data) :]


def infrastructure(reason: str, message: str) -> dict[str, str]:
    """The outcome of a run that left no record."""
    return {"class": "Infrastructure", "reason": reason, "message": message}


def fork_run(command: dict[str, Any], outcome: int) -> int:
    """Fork the process that carries out a start command and writes its outcome to `outcome`; its id.

    SIGTERM is blocked until the fork has its own handler: a stop must not get lost in between.
    """
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        if pid := os.fork():
            return pid
        _live(parent, command, outcome)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def _live(parent: int, command: dict[str, Any], outcome: int) -> NoReturn:
    try:
        only_descriptors(2, 2, outcome)
        start_session(parent, signal.SIGTERM)
        signal.signal(signal.SIGTERM, end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        say(_OUTCOME, **_carry_out(command))
    finally:
        sys.stderr.flush()
        os._exit(0)


def end(number: int, frame: object) -> None:
    """SIGTERM: leave nothing alive and go, without a record."""
    processes.sweep()
    os._exit(128 + number)


def _carry_out(command: dict[str, Any]) -> dict[str, str]:
    from seedbed_runner.run import explain, run_once

    carry_out = run_once
    if command.get("step") == "check":
        from seedbed_runner.checking import check as carry_out
    try:
        carry_out(Path(command["work"]), Path(command["prepared"]), Path(command["destination"]))
    except Exception as error:  # the boundary of the process: what no step foresaw is told, not lost
        return infrastructure(*explain(error))
    return {"class": "Recorded", "reason": "", "message": ""}
