"""The gate between a child that has sealed itself and the code that it will run: the supervisor holds it.

The child, still our own code, says what it sealed and waits. The supervisor compares that with what the
kernel shows of the child, and with what the run demands; only then does it let the child go on. Both ends are
closed before code of others runs, so that nothing which the child says later counts.
"""

import json
import os
import select
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import Infrastructure
from seedbed_runner.sandbox import kernel
from seedbed_runner.sandbox.assurance import assurance_of, meets
from seedbed_runner.sandbox.policy import Policy
from seedbed_runner.sandbox.sealing import Seal, SealFailed, seal

PATIENCE_SECONDS = 60.0  # for a seal that takes milliseconds, on a machine that is very busy
EXIT_UNSEALED = 4


class Gate:
    """Two pipes; made before the fork, `child_ends` go to the child."""

    def __init__(self) -> None:
        self._told, child_tells = os.pipe()
        child_waits, self._open = os.pipe()
        self.child_ends = (child_tells, child_waits)

    def close(self) -> None:
        """Close this side's ends."""
        os.close(self._told)
        os.close(self._open)

    def close_child_ends(self) -> None:
        """Close the ends that the child has."""
        for end in self.child_ends:
            os.close(end)

    def open_for(self, pid: int, request: RunRequest) -> Seal:
        """Let the child go on, if its seal is what it says and what is demanded.

        Raises:
            Infrastructure: it is not; the child is still waiting, or has ended.
        """
        found = self._hear()
        if isinstance(found, str):
            raise Infrastructure("SealFailed", found)
        _verify(pid, found)
        if not meets(request, found):
            raise Infrastructure("NotSealed", _refusal(request, found))
        os.write(self._open, b"1")
        return found

    def _hear(self) -> Seal | str:
        text = b""
        while True:
            if not select.select([self._told], [], [], PATIENCE_SECONDS)[0]:
                return f"the training process did not seal itself within {PATIENCE_SECONDS:g} s"
            if not (chunk := os.read(self._told, 65_536)):
                break
            text += chunk
        if not text:
            return "the training process ended while it sealed itself"
        told = json.loads(text)
        return told if isinstance(told, str) else Seal(**told)


def pass_through(policy: Policy, tells: int, waits: int) -> None:
    """The child's part: seal, tell, wait; ends the process unless it is let through."""
    try:
        told: object = asdict(seal(policy))
    except SealFailed as error:
        told = str(error)
    os.write(tells, json.dumps(told).encode())
    os.close(tells)
    may_go_on = os.read(waits, 1)
    os.close(waits)
    if not may_go_on or isinstance(told, str):
        _end()


def _end() -> NoReturn:
    os._exit(EXIT_UNSEALED)


def _verify(pid: int, told: Seal) -> None:
    """Compare with what the kernel shows of the process from outside; Landlock it does not show."""
    if not kernel.LINUX:
        return
    lines = (line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    shown = {name: value.strip() for name, value in lines}
    due = {"Threads": "1", "NoNewPrivs": "1", "CapEff": "0" * 16, "CapPrm": "0" * 16}
    if told.seccomp:
        due["Seccomp"] = "2"
    for name, value in due.items():
        if shown.get(name, value) != value:
            raise Infrastructure(
                "SealFailed", f"the training process should have {name} {value}, but has {shown[name]}"
            )


def _refusal(request: RunRequest, found: Seal) -> str:
    lacking = "; ".join(found.lacking.values()) or "nothing"
    return f"the run must be {request.demand}, but would be {assurance_of(request, found)} here: {lacking}"
