"""A run as a TensorBoard event file, one more file beside its record: `tensorboard --logdir` finds it there.

Called by whoever keeps the run, on the trusted side, once it is scored; no model's code is alive then. What
the record holds is written as it stands. What the trainer said of itself is read like any text of others:
finite numbers of known names, at most `MAX_EPOCHS` of each, below `self_reported/`, at the time at which it
says that the epoch ended, if that is within the run's. The file has wall-clock times in it, so that no record
vouches for it and nothing compares it.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from seedbed_runner.contract.diagnostics import curves_in, ends_in
from seedbed_runner.contract.events import EVENTS
from seedbed_runner.contract.records import RunRequest, RunResult
from seedbed_runner.errors import ModelFailure
from seedbed_runner.plainfile import open_plain, read_exactly
from seedbed_runner.workfolder import DIAGNOSTICS, WorkFolder

MAX_DIAGNOSTICS = 4_000_000  # bytes


def write_events(work: Path, request: RunRequest, result: RunResult) -> None:
    """Write the event file into the work folder.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    with (work / EVENTS).open("wb") as file:
        writer = RecordWriter(file)
        for event in _events(WorkFolder(work).out, request, result):
            writer.write(event.SerializeToString())


def _events(out: Path, request: RunRequest, result: RunResult) -> Iterator[Any]:
    at, reported = result.finished_at, _reported(out)
    yield Event(wall_time=result.started_at, file_version="brain.Event:2")
    yield Event(wall_time=at, summary=text_pb("run", _described(request, result)))
    ends = ends_in(reported, result.started_at, at)
    for name, values in curves_in(reported).items():
        for epoch, value in enumerate(values, 1):
            if value is not None:
                ended = ends[epoch - 1] if epoch <= len(ends) else at
                yield _scalar(ended, epoch, f"self_reported/{name}", value)
    for name, value in _measured(result).items():
        if math.isfinite(value):
            yield _scalar(at, 0, name, value)


def _scalar(at: float, step: int, tag: str, value: float) -> Any:
    return Event(wall_time=at, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def _measured(result: RunResult) -> dict[str, float]:
    """The numbers of the record."""
    costs = {
        "parameters": result.parameters,
        "train_seconds": result.train_seconds,
        "peak_memory_bytes": result.peak_memory_bytes,
    }
    named = {f"{result.split}/{name}": value for name, value in result.metrics.items()}
    return named | {f"cost/{name}": float(value) for name, value in costs.items() if value is not None}


def _described(request: RunRequest, result: RunResult) -> str:
    """What was run, and what came of it, as indented JSON: a text card of TensorBoard's shows it as it is."""
    names = ("experiment", "seed", "attempt", "purpose", "split", "outcome", "metric", "score", "diverged")
    told = {name: getattr(result, name) for name in names} | {"assurance": result.assurance}
    if result.failure is not None:
        told["failure"] = f"{result.failure.reason}: {result.failure.message}"
    told |= {"training": dict(request.training), "data_hash": result.data_hash, "hashes": result.hashes}
    text = json.dumps(told, indent=1, default=str)
    return "\n".join(f"    {line}" for line in text.splitlines())


def _reported(out: Path) -> Any:
    """The trainer's diagnostics as it wrote them; None: no plain file of bounded size with JSON."""
    try:
        with open_plain(out, DIAGNOSTICS) as (handle, size):
            return json.loads(read_exactly(handle, size)) if size <= MAX_DIAGNOSTICS else None
    except (ModelFailure, ValueError, RecursionError):
        return None
