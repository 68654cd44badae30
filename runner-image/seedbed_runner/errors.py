"""Every error that the runner raises on purpose.

    RunnerError
    ├── BadInput          what was asked for is wrong (unknown dataset, impossible split): exit code 2
    ├── Infrastructure    this machine failed, not the model: no record is written, the run is tried again
    └── ModelFailure      the configuration failed: recorded as a result, never tried again

Each message is one sentence for a person.
"""

import errno
from typing import Any

from seedbed_runner.contract.records import MODEL_FAILURES

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class RunnerError(Exception):
    """Base of all errors here; `exit_code` is what a command that fails with it returns."""

    exit_code = 1


class BadInput(RunnerError):
    """What was asked for is wrong."""

    exit_code = 2


class Infrastructure(RunnerError):
    """Not the model's fault; `reason` is CamelCase, for machines."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process makes of it."""
        return type(self), (self.reason, str(self))


class ModelFailure(RunnerError):
    """The configuration's own fault; `reason` is one of `contract.records.MODEL_FAILURES`."""

    def __init__(self, reason: str, message: str) -> None:
        assert reason in MODEL_FAILURES
        self.reason = reason
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process makes of it."""
        return type(self), (self.reason, str(self))


def from_os_error(error: OSError) -> Infrastructure:
    """What an `OSError` of a trusted step means: a full disk, or a file that can't be read or written."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in FULL:
        return Infrastructure("DiskFull", f"the disk is full{where}: make room, then go on")
    return Infrastructure("FilesFailed", f"{error.strerror or error}{where}")
