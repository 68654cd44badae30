import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fakes.compiler import compiler  # noqa: F401
from fakes.seaweed import seaweed  # noqa: F401
from seedbed.api.dataset import Dataset
from seedbed.api.training import Training
from seedbed_runner.contract.records import Card, RunRequest
from seedbed_runner.contract.source import is_foreign
from seedbed_runner.prepare import prepare

MLP = [
    {"type": "Flatten"},
    {"type": "Linear", "out_features": 16},
    {"type": "ReLU"},
    {"type": "Dropout", "p": 0.1},
    {"type": "Linear", "out_features": "classes"},
]


@dataclass(frozen=True)
class Prepared:
    folder: Path  # of the dataset
    card: Card


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Prepared]:
    root = tmp_path_factory.mktemp("datasets")

    def make(**dataset: Any) -> Prepared:
        card = prepare(Dataset.model_validate(dataset).document(), root)
        return Prepared(card.parent.parent, Card.from_json(card.read_bytes()))

    return make


@pytest.fixture(scope="session")
def digits(prepared: Callable[..., Prepared]) -> Prepared:
    return prepared(name="digits")


@pytest.fixture(scope="session")
def iris(prepared: Callable[..., Prepared]) -> Prepared:
    return prepared(name="iris")


@pytest.fixture(scope="session")
def asking() -> Callable[..., RunRequest]:
    return make_request


def make_request(card: Card, **changes: Any) -> RunRequest:
    """A small MLP for two epochs; `training` is merged into the defaults, other fields are replaced."""
    training = Training.model_validate({"epochs": 2} | changes.pop("training", {}))
    layers = changes.pop("layers", MLP)
    values = {
        "run_uid": "uid", "experiment": "digits-e1", "experiment_hash": "sha256:" + "0" * 64, "seed": 0,
        "attempt": 1, "purpose": "Explore", "dataset_key": card.key, "data_hash": card.data_hash,
        "model": {"layers": layers}, "training": training.document(), "metric": "accuracy", "threads": 1,
        "device": "cpu", "deadline_seconds": 60.0, "memory_bytes": 2**32,
    }  # fmt: skip
    return RunRequest.from_dict(values | changes)


@dataclass
class Warm:
    """A real warm parent, spoken to as a launcher does."""

    process: "subprocess.Popen[bytes]"
    ready: dict[str, Any] = field(default_factory=dict)

    def send(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        event: dict[str, Any] = json.loads(self.process.stdout.readline())
        return event

    def start(self, ident: str, work: Path, prepared: Path, destination: Path, request: RunRequest) -> None:
        work.mkdir(parents=True, exist_ok=True)
        (work / "request.json").write_bytes(request.to_json())
        places = {"work": str(work), "prepared": str(prepared), "destination": str(destination)}
        self.send(cmd="start", id=ident, foreign=is_foreign(request.model), **places)

    def run(self, root: Path, data: Prepared, **changes: Any) -> dict[str, Any]:
        """One run in `root`/work, kept in `root`/kept; its `ended` event."""
        request = make_request(data.card, **changes)
        self.start(str(root), root / "work", data.folder, root / "kept", request)
        started, ended = self.hear(), self.hear()
        assert (started["event"], ended["event"]) == ("started", "ended")
        return ended

    def close(self) -> int:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)


def start_warm() -> Warm:
    single = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "seedbed_runner", "warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=single | {"PATH": os.environ["PATH"]},
    )
    warm = Warm(process)
    warm.ready = warm.hear()
    return warm


@pytest.fixture(scope="session")
def another_warm() -> Callable[[], Warm]:
    return start_warm


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    parent = start_warm()
    yield parent
    assert parent.close() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mount a file system of so many bytes; needs root."""
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        place = tmp_path / "small"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("mounting a small file system needs root and the right to mount")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)
