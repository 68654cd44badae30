"""Keeping a run: its files go to the destination first and `result.json` last, so that it vouches for them.

The files are in a folder of the attempt, which the record names. The first record of a run counts: a later
one is discarded whole. A lock on the destination lets one attempt at a time do this; the record itself is
linked into place, which no second writer can repeat. The request is kept as the trusted steps know it: with
it the record can be made again from these files and the prepared data alone.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seedbed_runner.contract.events import EVENTS
from seedbed_runner.contract.records import RunRequest, RunResult
from seedbed_runner.errors import ModelFailure
from seedbed_runner.plainfile import open_plain
from seedbed_runner.weights import MAX_FILE, read_header
from seedbed_runner.workfolder import (
    DIAGNOSTICS,
    LOG,
    OUT,
    PREDICTIONS,
    REQUEST,
    RESULT,
    WEIGHTS,
    WorkFolder,
)

_PART = f".{RESULT}.part"
_MAX_TEXT = 4_000_000


def keep(work: Path, destination: Path, request: RunRequest) -> bool:
    """Move what the run made to `destination`: files to the folder that the record names, the record last.

    Weights and predictions of a failed run were not checked, so they are left behind.

    Returns:
        Whether this is the record that counts; False: there was one before, and nothing was changed.

    Raises:
        OSError: the disk is full, or `destination` can't be written; there is no record then.
    """
    record = WorkFolder(work).result.read_bytes()
    result = RunResult.from_json(record)
    destination.mkdir(parents=True, exist_ok=True)
    artifacts = destination / result.artifacts
    with _locked(destination) as handle:
        if (destination / RESULT).exists():
            return False
        try:
            artifacts.mkdir(exist_ok=True)
            for name, limit in kept_files(result).items():
                _move(work / name, artifacts, limit)
            _write(artifacts / REQUEST, request.to_json())
            _sync(artifacts)
            return _link(record, destination, handle)
        except OSError:  # leave no part of a run that has no record
            shutil.rmtree(artifacts, ignore_errors=True)
            raise


def kept_files(result: RunResult) -> dict[str, int]:
    """What else is kept of a run: paths in its work folder, each with its largest size."""
    untrusted = {DIAGNOSTICS: _MAX_TEXT}
    if result.outcome == "Scored":
        untrusted |= {PREDICTIONS: MAX_FILE, WEIGHTS: MAX_FILE}
    trusted = {LOG: _MAX_TEXT, EVENTS: MAX_FILE}
    return {f"{OUT}/{name}": limit for name, limit in untrusted.items()} | trusted


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _move(source: Path, destination: Path, limit: int) -> None:
    """Move a regular file of bounded size; what the child left instead of one stays where it is."""
    try:
        with open_plain(source.parent, source.name) as (_, size):
            if size > limit:
                return
    except ModelFailure:
        return
    target = destination / source.name
    shutil.move(source, target)
    os.chmod(target, 0o644)
    with target.open("r+b") as file:
        if source.name == WEIGHTS:
            os.pwrite(file.fileno(), read_header(file.fileno(), size).clean(), 0)
        os.fsync(file.fileno())


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _link(record: bytes, destination: Path, handle: int) -> bool:
    part = destination / _PART
    try:
        _write(part, record)
        os.fsync(handle)  # the folder's name is on the disk before the record's
        os.link(part, destination / RESULT)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    os.fsync(handle)
    return True
