"""What this machine can do for runs, asked of the training side in a process of its own."""

import functools
import subprocess
import sys

from seedbed.errors import LauncherFailed
from seedbed.local.warm import runner_environment
from seedbed_runner.contract.machine import Machine
from seedbed_runner.contract.records import InvalidRecord

PATIENCE = 120.0  # seconds; torch may come from a slow disk


@functools.cache
def inspect_machine(seal_only: bool = False) -> Machine:
    """What this machine can seal and, unless `seal_only`, train on; asked once in a process.

    Raises:
        LauncherFailed: the training side does not answer.
    """
    only = ["--seal-only"] if seal_only else []
    command = [sys.executable, "-I", "-m", "seedbed_runner", "machine", *only]
    try:
        done = subprocess.run(command, capture_output=True, env=runner_environment(), timeout=PATIENCE)
        return Machine.from_json(done.stdout)
    except (OSError, subprocess.TimeoutExpired, InvalidRecord) as error:
        raise LauncherFailed(f"what this machine can seal can't be found out: {error}") from error


def missing_seal() -> str | None:
    """What this machine lacks to seal code in, in words; None if it lacks nothing."""
    found = inspect_machine(seal_only=True)
    return None if found.seal == "sealed" else "; ".join(found.lacking.values()) or "it can seal nothing"
