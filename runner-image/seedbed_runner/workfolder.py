"""The names inside a run's work folder: one place, since four steps in several processes share it.

request.json    what to run (RunRequest), written by whoever starts the run
data/           what `fetch` brings: inputs, train labels, task.json; never a label of a scored split
out/            written by the train child only: predictions.bin, weights.safetensors,
                diagnostics.json, failure.json; tmp/ while it runs
again/          at a confirmation of code: data/ and out/ of predicting again (`reprediction`)
timed/          where a goal bounds the latency: data/ and out/ of the model that is timed (`latency`)
log.txt         the child's output, drained and capped by its supervisor
train.json      what the supervisor saw (TrainRecord)
result.json     the record, before it is kept
events.out…     the run for TensorBoard (`events`), made of the record and the diagnostics
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from seedbed_runner.contract.records import Assurance, Failure, InvalidRecord, Record, RunRequest, TaskName
from seedbed_runner.errors import Infrastructure
from seedbed_runner.scaling import Scaling

OUT = "out"
PREDICTIONS = "predictions.bin"
WEIGHTS = "weights.safetensors"
DIAGNOSTICS = "diagnostics.json"
FAILURE = "failure.json"
LOG = "log.txt"
REQUEST = "request.json"
RESULT = "result.json"

SomeRecord = TypeVar("SomeRecord", bound=Record)


@dataclass(frozen=True)
class Task(Record):
    """What the child is told of the data.

    Attributes:
        input_shape: of one input.
        classes: how many values the model gives a row: one a class, or one in all for a regression.
        rows: how many to predict.
        task: what is predicted.
        vocabulary: the inputs are token ids below it, 0 is padding; 0: they are numbers.
        scaling: of inputs that come as bytes, by channel; None: they come as they are.
        target: of a regression's values: training sees scaled ones, predictions are scaled back.
    """

    input_shape: list[int]
    classes: int
    rows: int
    task: TaskName = "classification"
    vocabulary: int = 0
    scaling: Scaling | None = None
    target: Scaling | None = None


@dataclass(frozen=True)
class TrainRecord(Record):
    """What the supervisor saw of a train step.

    Attributes:
        started_at, finished_at: seconds since the epoch.
        seconds: wall-clock time from the fork to the child's end.
        peak_memory_bytes: the child's largest resident size, from its resource usage.
        fingerprint: what the bits depend on besides the request.
        failure: why there is nothing to score, if so.
        assurance: what kept model code from cheating, as the supervisor demanded and saw it.
        seal: what was in force, by name (`sandbox.Seal.document`).
        order_seed: gives the order in which `reprediction` predicted again, in hexadecimal; empty: none did.
        flops: floating point operations of a forward pass, a row; None: it failed, or its model is code.
        latency_ms: of one row, by the clock of a process that runs no model code; None: not measured.
    """

    started_at: float
    finished_at: float
    seconds: float
    peak_memory_bytes: int
    fingerprint: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    assurance: Assurance = "none"
    seal: dict[str, str] = field(default_factory=dict)
    order_seed: str = ""
    flops: int | None = None
    latency_ms: float | None = None


@dataclass(frozen=True)
class WorkFolder:
    """Paths in one run's work folder."""

    root: Path

    @property
    def request(self) -> Path:
        """What to run."""
        return self.root / REQUEST

    @property
    def data(self) -> Path:
        """What `fetch` brings."""
        return self.root / "data"

    @property
    def out(self) -> Path:
        """What the child writes: untrusted."""
        return self.root / OUT

    @property
    def again(self) -> Path:
        """The work folder of predicting again (`reprediction`)."""
        return self.root / "again"

    @property
    def timed(self) -> Path:
        """The work folder of the model that is timed (`latency`)."""
        return self.root / "timed"

    @property
    def scratch(self) -> Path:
        """Where the child's temporary files go; gone when the train step is over."""
        return self.out / "tmp"

    @property
    def log(self) -> Path:
        """The child's output."""
        return self.root / LOG

    @property
    def train_record(self) -> Path:
        """What the supervisor saw."""
        return self.root / "train.json"

    @property
    def result(self) -> Path:
        """The record, before it is kept."""
        return self.root / RESULT

    def read_request(self) -> RunRequest:
        """The request that the run was started with.

        Raises:
            Infrastructure: it is missing or no RunRequest.
        """
        return _read(RunRequest, self.request)

    def read_train_record(self) -> TrainRecord:
        """What the supervisor saw.

        Raises:
            Infrastructure: it is missing or no TrainRecord.
        """
        return _read(TrainRecord, self.train_record)

    def read_task(self) -> Task:
        """What `fetch` says of the data; it is checked by hash there."""
        return Task.from_json((self.data / "task.json").read_bytes())


def make_empty(folder: Path) -> None:
    """Make a folder, or empty the one that is there: it may be a mount point, which can't be removed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _read(kind: type[SomeRecord], path: Path) -> SomeRecord:
    try:
        return kind.from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise Infrastructure("BadRequest", f"there is no {path}") from error
    except InvalidRecord as error:
        raise Infrastructure("BadRequest", f"{path}: {error}") from error
