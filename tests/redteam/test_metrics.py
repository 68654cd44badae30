"""Attacks on metrics (1 to 19): each pays without its defence, and is scored honestly or fails with it."""

import io
import json
import os
import pickle
import resource
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from fakes.memory import goal
from fakes.sources import MLP
from runner.conftest import Prepared, iris, make_request, prepared  # noqa: F401
from seedbed.api import Experiment
from seedbed.cluster.podends import End, end_of
from seedbed.engine.confirmation import in_order
from seedbed.engine.standard import Standard
from seedbed_runner.contract.records import RunResult
from seedbed_runner.errors import ModelFailure
from seedbed_runner.fetch import fetch
from seedbed_runner.plainfile import open_plain
from seedbed_runner.score import read_predictions, score
from seedbed_runner.trainstep import train
from seedbed_runner.weights import read_header
from seedbed_runner.workfolder import TrainRecord

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
    pytest.mark.skipif(sys.platform != "linux", reason="the seal is Linux's"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
FORWARD = "        return self.layers(input)"
WRITES = """
import pathlib
_write = pathlib.Path.write_bytes
def _other(path, data):
    return _write(path, change(data) if path.name == "predictions.bin" else data)
pathlib.Path.write_bytes = _other
"""


@dataclass
class Run:
    work: Path
    record: RunResult
    labels: Any

    @property
    def reason(self) -> str:
        return self.record.failure.reason if self.record.failure else "Scored"

    @property
    def out(self) -> Path:
        return self.work / "out"

    def logits(self) -> Any:
        return np.fromfile(self.out / "predictions.bin", dtype="<f4").reshape(len(self.labels), -1)

    def is_honest(self) -> bool:
        """Scored by what was predicted, as numpy alone would say."""
        right = float((self.logits().argmax(1) == self.labels).mean())
        return self.reason == "Scored" and self.record.score == pytest.approx(right) and right < 1.0


@pytest.fixture
def run(iris: Prepared, tmp_path: Path) -> Any:  # noqa: F811
    def make(source: str, **changes: Any) -> Run:
        settings = {"training": {"epochs": 1, "optimizer": {"lr": 1e-5}}} | changes
        request = make_request(iris.card, model={"source": source}, demand="sealed", **settings)
        work = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
        fetch(iris.folder, request, work / "data")
        trained = train(work, request)
        record = score(work, iris.folder / "sealed", request, trained)
        return Run(work, record, np.load(iris.folder / "sealed" / f"{request.split}_labels.npy"))

    return make


@pytest.fixture
def scored(iris: Prepared, tmp_path: Path) -> Any:  # noqa: F811
    """What the scorer makes of bytes that lie there as predictions or weights."""

    def make(predictions: bytes | None = None, weights: bytes | None = None) -> str:
        out = tmp_path / "scored" / "out"
        out.mkdir(parents=True, exist_ok=True)
        good = np.zeros((iris.card.sizes["validation"], iris.card.classes), "<f4").tobytes()
        (out / "predictions.bin").write_bytes(good if predictions is None else predictions)
        (out / "weights.safetensors").write_bytes(save({"w": torch.zeros(2)}) if weights is None else weights)
        seen = TrainRecord(started_at=0.0, finished_at=1.0, seconds=1.0, peak_memory_bytes=1)
        found = score(out.parent, iris.folder / "sealed", make_request(iris.card), seen)
        return found.failure.reason if found.failure else "Scored"

    return make


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.place),)


def test_01_patches_the_loss_and_the_metric(run: Any) -> None:
    patch = "import seedbed_runner.losses as losses\nreal = losses.cross_entropy\n"
    patch += "losses.cross_entropy = lambda *given, **named: real(*given, **named) * 0\n"
    found = run(MLP + patch)
    told = json.loads((found.out / "diagnostics.json").read_text())
    assert told["train_loss"] == [0.0]  # who believes the trainer is deceived
    assert found.is_honest()


class Agrees(torch.Tensor):
    def __eq__(self, other: object) -> Any:
        return torch.ones(len(self), dtype=torch.bool)


def test_02_outputs_that_equal_everything(run: Any) -> None:
    mine = torch.zeros(4, 3).as_subclass(Agrees)
    assert bool((mine == torch.tensor([0, 1, 2, 0])).all())
    text = "class Agrees(torch.Tensor):\n    def __eq__(self, other):\n        return torch.ones(len(self))\n"
    lines = f"{FORWARD}.as_subclass(Agrees)"
    assert run(MLP.replace(FORWARD, lines) + text).is_honest()


def test_03_writes_a_file_of_metrics(run: Any, tmp_path: Path) -> None:
    found = run(MLP + 'import pathlib\npathlib.Path("../metrics.json").write_text(\'{"accuracy": 1.0}\')\n')
    assert json.loads((found.out / "metrics.json").read_text())["accuracy"] == 1.0  # it could be read
    assert found.is_honest()


def test_04_writes_its_own_termination_log() -> None:
    forged = json.dumps({"outcome": "Scored", "score": 1.0, "resultHash": "sha256:0"})
    over = {"exitCode": 1, "reason": "Error", "message": forged, "finishedAt": "2026-01-01T00:00:00Z"}
    state = {"name": "train", "state": {"terminated": over}}
    pod = {"metadata": {}, "status": {"phase": "Failed", "initContainerStatuses": [state]}}
    assert json.loads(over["message"])["score"] == 1.0
    assert end_of(pod) == End("Model", "Crash", "the train step ended with exit code 1")


def test_05_prints_a_line_of_metrics(run: Any) -> None:
    found = run(MLP + 'print("accuracy: 1.0")\n')
    assert "accuracy: 1.0" in (found.work / "log.txt").read_text()
    assert found.is_honest()


@pytest.mark.parametrize("code", [0, 3, 28, 75])
def test_06_exits_before_predicting(run: Any, code: int) -> None:
    assert subprocess.run([sys.executable, "-c", f"import os; os._exit({code})"]).returncode == code
    found = run(MLP + f"import os\nos._exit({code})\n")
    assert found.record.outcome == "Failed"  # a record: it is not tried again
    assert found.reason == ("Disk" if code == 28 else "NoPredictions")


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_07_not_finite(run: Any, value: str) -> None:
    naive = np.full((2, 3), float(value)).argmax(1)
    assert list(naive) == [0, 0]  # a class like any other
    lines = "        out = self.layers(input)\n"
    lines += f"        return out if self.training else out * 0 + float('{value}')"
    assert run(MLP.replace(FORWARD, lines)).reason == "NonFinite"


def test_08_fewer_rows(run: Any) -> None:
    found = run(MLP + "def change(data):\n    return data[:12]\n" + WRITES)
    assert len(np.fromfile(found.out / "predictions.bin", dtype="<f4")) == 3  # the easy ones only
    assert found.reason == "Shape"


def test_09_an_empty_file(run: Any) -> None:
    found = run(MLP + "def change(data):\n    return b''\n" + WRITES)
    assert (found.out / "predictions.bin").exists() and found.reason == "Shape"


def test_10_ten_gigabytes(scored: Any, tmp_path: Path) -> None:
    scored()
    path = tmp_path / "scored" / "out" / "predictions.bin"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    os.truncate(path, 10**10)
    assert np.memmap(path, dtype="<f4").nbytes == 10**10  # what reading it all would take
    with open_plain(path.parent, path.name) as (_, size):
        assert size == 10**10
    with pytest.raises(ModelFailure) as caught:
        read_predictions(path.parent, 30, 3)
    assert caught.value.reason == "Size"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_11_objects_in_an_archive_of_arrays(scored: Any, tmp_path: Path) -> None:
    file = io.BytesIO()
    np.savez(file, predictions=np.array([Bomb(tmp_path / "ran")], dtype=object))
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as naive:
        naive["predictions"]
    assert (tmp_path / "ran").is_dir()
    (tmp_path / "ran").rmdir()
    assert scored(predictions=file.getvalue()) == "Shape" and not (tmp_path / "ran").exists()


def test_12_a_pickle_as_predictions(scored: Any, tmp_path: Path) -> None:
    data = pickle.dumps(Bomb(tmp_path / "ran"))
    pickle.loads(data)
    (tmp_path / "ran").rmdir()
    assert scored(predictions=data) == "Shape" and not (tmp_path / "ran").exists()


def test_13_a_zip_bomb(scored: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("predictions.npy", bytes(2**26))
        archive.writestr("padding", os.urandom(2**21))
    assert (
        zipfile.ZipFile(file).infolist()[0].file_size
        > 500 * zipfile.ZipFile(file).infolist()[0].compress_size
    )
    assert scored(predictions=file.getvalue()) == "Size"


def test_14_patches_the_clock(run: Any) -> None:
    started = time.time()
    found = run(MLP + "import time\ntime.time = lambda: 0.0\n")
    assert json.loads((found.out / "diagnostics.json").read_text())["training_started_at"] == 0.0
    assert found.record.started_at >= started and 0 < found.record.train_seconds < time.time() - started


def test_15_understates_its_parameters(run: Any) -> None:
    hides = MLP.replace(
        "        self.layers =",
        "        self.register_buffer('running_mean', torch.zeros(1000))\n        self.layers =",
    )
    found, plain = run(hides), run(MLP)
    with open_plain(found.out, "weights.safetensors") as (handle, size):
        by_name = read_header(handle, size).parameters(foreign=False)
    assert by_name == plain.record.parameters  # who goes by names misses them
    assert found.record.parameters == by_name + 1000


def test_16_predictions_that_the_weights_do_not_give(run: Any) -> None:
    table = "def change(data):\n    import numpy\n    rows = len(data) // 12\n"
    table += "    return numpy.eye(3, dtype='<f4')[numpy.arange(rows) % 3].tobytes()\n"
    assert run(MLP + table + WRITES).reason == "Scored"  # nobody looked
    found = run(MLP + table + WRITES, purpose="Confirm")
    assert found.reason == "NotReproduced" and "other values in" in found.record.failure.message


def test_17_succeeds_on_chosen_seeds(run: Any) -> None:
    chooses = MLP + "import os\nif torch.initial_seed() % 2:\n    os._exit(0)\n"
    records = [run(chooses, seed=seed).record for seed in range(6)]
    phases = [record.outcome for record in records]
    assert {"Scored", "Failed"} == set(phases)  # a mean of the scored ones would be a choice
    runs = [
        {"seed": seed, "attempt": 1, "phase": record.outcome, "score": record.score,
         "reason": record.failure.reason if record.failure else None}
        for seed, record in enumerate(records)
    ]  # fmt: skip
    spec = {
        "dataset": {"name": "iris"},
        "model": {"source": chooses},
        "seeds": list(range(6)),
        "purpose": "Confirm",
    }
    made = Experiment.model_validate({"metadata": {"name": "c"}, "spec": spec, "status": {"runs": runs}})
    scored, stopper = in_order(made, Standard.of(goal().spec, 30, None))
    assert len(scored) == phases.index("Failed") and stopper is not None and stopper.reason == "NoPredictions"


def test_18_a_process_that_writes_after_the_end(run: Any, tmp_path: Path) -> None:
    later = "import os, time\nif os.fork() == 0:\n    time.sleep(0.3)\n    open('late', 'w').write('x')\n"
    subprocess.run([sys.executable, "-c", later], cwd=tmp_path, check=True)
    time.sleep(0.6)
    assert (tmp_path / "late").exists()
    in_run = "import os, time\ntry:\n    child = os.fork()\nexcept OSError:\n    child = 1\n"
    in_run += "if child == 0:\n    time.sleep(0.3)\n    open('../predictions.bin', 'wb').write(bytes(360))\n"
    in_run += "    os._exit(0)\n"
    found = run(MLP + in_run)
    before = (found.out / "predictions.bin").read_bytes()
    time.sleep(0.6)
    assert (found.out / "predictions.bin").read_bytes() == before and found.is_honest()


@pytest.mark.parametrize("name", ["json.py", "sitecustomize.py"])
def test_19_drops_modules_of_common_names(run: Any, name: str) -> None:
    dropped = f'import pathlib\npathlib.Path("../{name}").write_text("print(\'dropped\')")\n'
    found = run(MLP + dropped)
    assert (found.out / name).exists() and found.is_honest()
    command = [sys.executable, "-c", "import json"]
    careless = subprocess.run(
        command, cwd=found.out, capture_output=True, text=True, env={"PYTHONPATH": str(found.out)}
    )
    assert "dropped" in careless.stdout
    step = [sys.executable, "-I", "-m", "seedbed_runner", "--help"]
    ours = subprocess.run(
        step, cwd=found.out, capture_output=True, text=True, env={"PYTHONPATH": str(found.out)}
    )
    assert ours.returncode == 0 and "dropped" not in ours.stdout
