import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from seedbed_runner.checking import check, inspect
from seedbed_runner.contract.hashing import experiment_hash
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import Failure, RunResult
from seedbed_runner.contract.verification import CHECK, Check
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.score import score
from seedbed_runner.workfolder import TrainRecord

TRAINED = TrainRecord(0.0, 1.0, 1.0, 10, fingerprint(1, "cpu"))


@dataclasses.dataclass
class Kept:
    folder: Path
    data: Path

    def inspect(self) -> Check:
        return inspect(self.folder, self.data)

    def only(self) -> tuple[str, str]:
        """The one finding: its subject and its sentence."""
        found = self.inspect()
        (finding,) = [*found.different, *found.missing]
        return finding.subject, finding.said

    def change(self, name: str, **changes: Any) -> None:
        path = self.folder / name
        path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))

    def flip(self, path: Path, at: int) -> None:
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.chmod(0o644)
        path.write_bytes(data)


@pytest.fixture
def record_of(iris: Any, asking: Any, tmp_path: Path) -> Callable[..., Kept]:
    """A recorded run as the store would hold it: iris, one item in ten predicted wrongly."""

    def make(trained: TrainRecord = TRAINED, **changes: Any) -> Kept:
        data = tmp_path / "data"
        shutil.copytree(iris.folder, data)
        request = asking(iris.card, **changes)
        known = experiment_hash(request.model, request.training, request.data_hash)
        request = dataclasses.replace(request, experiment_hash=known)
        labels = np.load(data / "sealed" / "validation_labels.npy")
        labels[::10] = (labels[::10] + 1) % 3
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "predictions.bin").write_bytes(np.eye(3, dtype="<f4")[labels].tobytes())
        (tmp_path / "out" / "weights.safetensors").write_bytes(save({"weight": torch.zeros(3, 4)}))
        result = score(tmp_path, data / "sealed", request, trained)
        (tmp_path / "out" / "result.json").write_bytes(result.to_json())
        (tmp_path / "out" / "request.json").write_bytes(request.to_json())
        return Kept(tmp_path / "out", data)

    return make


@pytest.fixture
def kept(record_of: Callable[..., Kept]) -> Kept:
    return record_of()


def test_nothing_is_found_where_all_is_as_it_was(kept: Kept) -> None:
    assert kept.inspect() == Check()


def test_the_step_writes_what_it_found(kept: Kept, tmp_path: Path) -> None:
    shutil.copytree(kept.folder, tmp_path / "work" / "recorded")
    check(tmp_path / "work", kept.data, tmp_path)
    assert Check.from_json((tmp_path / "work" / CHECK).read_bytes()) == Check()


@pytest.mark.parametrize(
    ("name", "file"), [("predictions", "predictions.bin"), ("weights", "weights.safetensors")]
)
def test_a_byte_of_a_kept_file(kept: Kept, name: str, file: str) -> None:
    kept.flip(kept.folder / file, -1)
    subject, said = kept.only()
    assert subject == name and f"/{file} is not what was recorded: sha256:" in said


@pytest.mark.parametrize(
    "name", ["public/train_inputs.npy", "public/test_inputs.npy", "sealed/validation_labels.npy"]
)
def test_a_byte_of_the_data(kept: Kept, name: str) -> None:
    kept.flip(kept.data / name, -1)
    subject, said = kept.only()
    assert subject == "data" and said.startswith(f"{kept.data / name} is not what was prepared")


def test_a_byte_of_a_manifest(kept: Kept) -> None:
    path = kept.data / "public" / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"classes":3', '"classes":4'))
    assert kept.only()[0] == "data"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"score": 0.5}, "`score` is 0.5, but its confusion counts give 0.9"),
        ({"chance": 0.5}, "`chance` is 0.5, but its confusion counts give 0.33"),
        ({"items": 31}, "`items` is 31, but its confusion counts give 30"),
        ({"diverged": True}, "`diverged` is True, but its confusion counts give False"),
        ({"parameters": 13}, "`parameters` is 13, but its weights give 12"),
        ({"confusion": [[1, 2]]}, "`confusion` holds no counts"),
        ({"confusion": None, "score": None}, "says Scored, but its score and failure say otherwise"),
        ({"shoe_size": 1}, "not the record of a run: RunResult: unknown field 'shoe_size'"),
    ],
)
def test_a_number_of_the_record(kept: Kept, changes: dict[str, Any], said: str) -> None:
    kept.change("result.json", **changes)
    found = kept.inspect().different
    assert {finding.subject for finding in found} == {"record"} and said in found[0].said


def test_numbers_that_agree_with_each_other_but_not_with_the_predictions(kept: Kept) -> None:
    recorded = json.loads((kept.folder / "result.json").read_bytes())["metrics"]
    ten = {name: 1.0 if METRICS[name].by_class else value for name, value in recorded.items()}
    perfect = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
    sure = [{"label": each, "rows": 10, "precision": 1.0, "recall": 1.0, "f1": 1.0} for each in range(3)]
    kept.change("result.json", score=1.0, metrics=ten, confusion=perfect, by_class=sure)
    said = [finding.said for finding in kept.inspect().different]
    assert any("`score` is 1.0, but its predictions give 0.9" in each for each in said)
    for name in ("confusion", "by_class"):
        assert any(f"`{name}` is not what its predictions give" in each for each in said)


def test_records_of_before_the_classes_were_told_apart_are_sound(kept: Kept) -> None:
    kept.change("result.json", by_class=[], flops=None)
    assert not kept.inspect().different


def test_other_labels_than_were_recorded(kept: Kept) -> None:
    record = RunResult.from_json((kept.folder / "result.json").read_bytes())
    kept.change("result.json", hashes=record.hashes | {"labels": "sha256:0"})
    assert "the hash of the labels is sha256:0" in kept.only()[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threads": 2}, "request.json is not what was recorded: sha256:"),
        ({"seed": 7}, "`seed` is 7 in request.json, but 0 in result.json"),
        ({"model": {"layers": []}}, "its model, training and data have the hash sha256:"),
        ({"color": "red"}, "is not the request of a run: RunRequest: unknown field 'color'"),
    ],
)
def test_the_request(kept: Kept, changes: dict[str, Any], said: str) -> None:
    kept.change("request.json", **changes)
    found = kept.inspect().different
    assert {finding.subject for finding in found} == {"request"}
    assert any(said in finding.said for finding in found)


def test_what_was_not_kept_is_remarked_and_not_held_against_it(kept: Kept) -> None:
    (kept.folder / "weights.safetensors").unlink()
    assert kept.inspect() == Check(remarks=["its weights were not kept"])


def test_data_that_are_gone_are_missing_and_not_different(kept: Kept) -> None:
    shutil.rmtree(kept.data)
    found = kept.inspect()
    assert not found.different and [finding.subject for finding in found.missing] == ["data"]


@pytest.mark.parametrize(
    ("made", "subject", "said"),
    [
        ({"seedbed_runner": "training 9, data 1"}, "version", "made by training 9, data 1, this is training"),
        ({"device": "A Large GPU", "cuda": "12.4"}, "device", "made on A Large GPU with CUDA 12.4"),
    ],
)
def test_what_this_machine_lacks(
    record_of: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch, made: Any, subject: str, said: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    kept = record_of(dataclasses.replace(TRAINED, fingerprint=TRAINED.fingerprint | made))
    (finding,) = kept.inspect().missing
    assert finding.subject == subject and said in finding.said


def test_a_failed_run_has_less_to_check(record_of: Callable[..., Kept]) -> None:
    kept = record_of(dataclasses.replace(TRAINED, failure=Failure("Shape", "too narrow")))
    assert kept.inspect() == Check()
    kept.change("result.json", score=0.99)
    assert "says Failed, but its score" in kept.only()[1]
