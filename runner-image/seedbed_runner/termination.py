"""The termination message of a step's container: at most 1 KiB of JSON that Kubernetes shows with its pod.

For people, and for the operator where there is no record; what a run came to is said by its record alone.
"""

import json
from pathlib import Path
from typing import Any

from seedbed_runner.contract.hashing import bytes_hash
from seedbed_runner.contract.records import RunResult
from seedbed_runner.errors import Infrastructure, RunnerError
from seedbed_runner.printable import printable

PATH = Path("/dev/termination-log")  # the kubelet makes it; elsewhere there is none
MAX_BYTES = 1024  # the containers of a pod share what is kept


def tell_record(result: RunResult, record: bytes) -> None:
    """Say what was recorded; `record` is `result` as the store has it."""
    _tell(
        runUid=result.run_uid,
        seed=result.seed,
        attempt=result.attempt,
        outcome=result.outcome,
        score=result.score,
        reason=result.failure.reason if result.failure else "",
        resultHash=bytes_hash(record),
    )


def tell_error(error: RunnerError) -> None:
    """Say why there is nothing to record."""
    if isinstance(error, Infrastructure):
        _tell(infrastructure=error.reason, message=printable(str(error)))
    else:
        _tell(reason="BadInput", message=printable(str(error)))


def _tell(**told: Any) -> None:
    if PATH.exists():
        while len(data := json.dumps(told, ensure_ascii=False).encode()) > MAX_BYTES and told.get("message"):
            told["message"] = told["message"][: len(told["message"]) // 2]
        PATH.write_bytes(data[:MAX_BYTES])
