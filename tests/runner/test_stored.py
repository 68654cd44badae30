import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.seaweed import Seaweed
from seedbed.api.dataset import Dataset
from seedbed_runner import processes, stored, termination
from seedbed_runner.contract.events import EVENTS
from seedbed_runner.contract.hashing import bytes_hash
from seedbed_runner.contract.records import Card, RunRequest, RunResult
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.objects import Bucket
from seedbed_runner.run import run_once

pytestmark = pytest.mark.slow

TEXT = {"result.json", "request.json", "log.txt", EVENTS}
FILES = TEXT | {"predictions.bin", "weights.safetensors", "diagnostics.json"}
MAY_DIFFER = {"attempt", "started_at", "finished_at", "train_seconds", "peak_memory_bytes", "artifacts"}
IRIS = Dataset(name="iris").document()


class Pod:
    """The steps of a run as a pod would run them, one store and one work folder between them."""

    def __init__(self, seaweed: Seaweed, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.prefix = f"stored/{root.name}"
        self.work, self.told = root / "pod", root / "termination-log"
        for mounted in ("data", "out"):
            (self.work / mounted).mkdir(parents=True)
        self.told.touch()
        self.environment = seaweed.environment(SEEDBED_S3_PREFIX=self.prefix)
        self.patch = patch
        patch.setattr(termination, "PATH", self.told)
        for name, value in self.environment.items():
            patch.setenv(name, value)
        self.bucket, self.client = Bucket.from_environment(), seaweed.client()

    def asks(self, request: RunRequest, destination: str = "default/g/runs/e-1/s0") -> str:
        self.patch.setenv("SEEDBED_REQUEST", request.to_json().decode())
        self.patch.setenv("SEEDBED_DESTINATION", destination)
        return destination

    def prepares(self, dataset: dict[str, Any] = IRIS) -> Card:
        self.patch.setenv("SEEDBED_DATASET", json.dumps(dataset))
        stored.prepare()
        card = self.bucket.get(next(key for key in self.keys() if key.endswith("card.json")))
        return Card.from_json(card or b"")

    def keys(self) -> list[str]:
        pages = self.client.list_objects_v2(Bucket=self.bucket.name, Prefix=f"{self.prefix}/")
        return [item["Key"].removeprefix(f"{self.prefix}/") for item in pages.get("Contents", [])]

    def record(self, destination: str) -> RunResult:
        return RunResult.from_json(self.bucket.get(f"{destination}/result.json") or b"")

    def says(self) -> dict[str, Any]:
        assert self.told.stat().st_size <= termination.MAX_BYTES
        told: dict[str, Any] = json.loads(self.told.read_bytes())
        return told


@pytest.fixture
def pod(seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pod:
    return Pod(seaweed, tmp_path, monkeypatch)


def runner(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", "-m", "seedbed_runner", *arguments],
        env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | environment,
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("purpose", ["Explore", "Confirm"])
def test_the_numbers_are_those_of_a_laptop_to_the_last_bit(
    pod: Pod, digits: Any, asking: Callable[..., RunRequest], tmp_path: Path, purpose: str
) -> None:
    local, request = tmp_path / "local", asking(digits.card, purpose=purpose)
    local.mkdir()
    (local / "request.json").write_bytes(request.to_json())
    run_once(local, digits.folder, tmp_path / "kept")

    dataset = json.dumps(Dataset(name="digits").document())
    assert runner("prepare", "--store", **pod.environment, SEEDBED_DATASET=dataset).stderr == ""
    environment = pod.environment | {"SEEDBED_REQUEST": request.to_json().decode()}
    destination = {"SEEDBED_DESTINATION": "default/g/runs/e-1/s0"}
    assert runner("fetch", "--work", str(pod.work), "--store", **environment).stderr == ""
    assert runner("train", "--work", str(pod.work)).stderr == ""
    assert runner("score", "--work", str(pod.work), "--store", **environment, **destination).stderr == ""

    there = {key.rpartition("/")[2] for key in pod.keys() if key.startswith("default/g/")}
    assert there == FILES
    mine = RunResult.from_json((tmp_path / "kept" / "result.json").read_bytes())
    theirs = pod.record(destination["SEEDBED_DESTINATION"])
    for name in ("predictions.bin", "weights.safetensors", "request.json"):
        there = pod.bucket.get(f"default/g/runs/e-1/s0/{theirs.artifacts}/{name}")
        assert there == (tmp_path / "kept" / mine.artifacts / name).read_bytes()
    records = [dataclasses.asdict(theirs), dataclasses.asdict(mine)]
    for record in records:
        for field in MAY_DIFFER:
            del record[field]
    assert records[0] == records[1] and records[0]["outcome"] == "Scored"


def test_what_was_prepared_is_not_prepared_again(
    pod: Pod, iris: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pod.prepares() == iris.card
    names = {key.partition(f"default/datasets/{iris.card.key}/")[2] for key in pod.keys()}
    assert names == {str(path.relative_to(iris.folder)) for path in iris.folder.glob("*/*")}
    monkeypatch.setattr("seedbed_runner.prepare.prepare", lambda *_: pytest.fail("prepared again"))
    stored.prepare()


def test_the_card_comes_last(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    upload = Bucket.upload
    monkeypatch.setattr(Bucket, "upload", lambda s, f, key: (written.append(key), upload(s, f, key))[1])
    monkeypatch.setattr(Bucket, "put_if_absent", lambda *_: pytest.fail("card") if len(written) < 8 else True)
    monkeypatch.setenv("SEEDBED_DATASET", json.dumps(IRIS))
    stored.prepare()
    assert len(written) == 8 and not any("card.json" in key for key in pod.keys())


def test_only_what_training_may_see_comes(pod: Pod, asking: Callable[..., RunRequest]) -> None:
    request = asking(pod.prepares())
    pod.asks(request)
    (pod.work / "data" / "of-an-earlier-try").touch()
    stored.fetch(pod.work)
    names = {str(path.relative_to(pod.work)) for path in pod.work.rglob("*") if path.is_file()}
    brought = {"train_inputs.npy", "train_labels.npy", "evaluation_inputs.npy", "task.json"}
    assert names == {"request.json"} | {f"data/{name}" for name in brought}
    assert RunRequest.from_json((pod.work / "request.json").read_bytes()) == request


def test_other_data_than_were_asked_for_are_refused(pod: Pod, asking: Callable[..., RunRequest]) -> None:
    card = pod.prepares()
    pod.asks(asking(card, data_hash="sha256:" + "0" * 64))
    with pytest.raises(Infrastructure, match=r"public holds other data than sha256:0+: delete") as caught:
        stored.fetch(pod.work)
    assert caught.value.reason == "DataChanged"
    pod.asks(asking(card, dataset_key="0" * 16))
    with pytest.raises(Infrastructure, match=r"no prepared data in s3://seedbed/stored/.*/0+/public"):
        stored.fetch(pod.work)
    key = f"default/datasets/{card.key}/public/train_inputs.npy"
    with open(__file__, "rb") as other:
        pod.bucket.upload(other, key)
    pod.asks(asking(card))
    with pytest.raises(Infrastructure, match=r"train_inputs.npy is not what was prepared"):
        stored.fetch(pod.work)


@pytest.fixture
def trained(pod: Pod, iris: Any, asking: Callable[..., RunRequest], tmp_path: Path) -> tuple[Pod, RunRequest]:
    """A pod whose `train` has ended: its work folder is that of a run on this machine."""
    request, local = asking(pod.prepares()), tmp_path / "trained"
    local.mkdir()
    (local / "request.json").write_bytes(request.to_json())
    from seedbed_runner.fetch import fetch
    from seedbed_runner.train import supervise
    from seedbed_runner.workfolder import WorkFolder

    fetch(iris.folder, request, local / "data")
    WorkFolder(local).train_record.write_bytes(supervise(local, request).to_json())
    shutil.copytree(local, pod.work, dirs_exist_ok=True)
    return pod, request


def test_what_was_recorded_is_told(trained: tuple[Pod, RunRequest]) -> None:
    pod, request = trained
    destination = pod.asks(request)
    (pod.work / "request.json").write_text("{}")  # not believed
    stored.score(pod.work)
    result = pod.record(destination)
    assert pod.says() == {
        "runUid": request.run_uid, "seed": 0, "attempt": 1, "outcome": "Scored", "score": result.score,
        "reason": "", "resultHash": bytes_hash(result.to_json()),
    }  # fmt: skip
    assert list(pod.work.rglob("*_labels.npy")) == [pod.work / "data" / "train_labels.npy"]


def test_a_record_that_is_there_wins_and_nothing_is_changed(
    trained: tuple[Pod, RunRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    pod, request = trained
    destination = pod.asks(request)
    stored.score(pod.work)
    before = {key: pod.bucket.get(key) for key in pod.keys()}
    first = pod.says()
    pod.asks(dataclasses.replace(request, attempt=2))
    shutil.rmtree(pod.work / "out")
    stored.score(pod.work)
    assert {key: pod.bucket.get(key) for key in pod.keys()} == before and pod.says() == first
    assert first["attempt"] == 1 and f"{destination}/result.json" in before
    assert "attempt 2 is not recorded" in capsys.readouterr().out


@pytest.mark.parametrize("second", [2, 1])  # 1: its Experiment was deleted and made again meanwhile
def test_of_two_scorers_the_firsts_record_keeps_its_own_files(
    trained: tuple[Pod, RunRequest],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: int,
) -> None:
    pod, request = trained
    destination = pod.asks(request)
    put = Bucket.put_if_absent

    def late(self: Bucket, key: str, data: bytes) -> bool:
        """The first scorer's record comes when the second one has looked and written its files."""
        monkeypatch.setattr(Bucket, "put_if_absent", put)
        pod.asks(dataclasses.replace(request, attempt=second))
        predictions.write_bytes(predictions.read_bytes()[::-1])
        train = pod.work / "train.json"
        train.write_text(train.read_text().replace('"seconds": ', '"seconds": 1'))
        stored.score(pod.work)
        return put(self, key, data)

    predictions = pod.work / "out" / "predictions.bin"
    monkeypatch.setattr(Bucket, "put_if_absent", late)
    stored.score(pod.work)
    result = pod.record(destination)
    assert result.attempt == second == pod.says()["attempt"]
    for name, file in (("predictions", "predictions.bin"), ("weights", "weights.safetensors")):
        there = pod.bucket.get(f"{destination}/{result.artifacts}/{file}") or b""
        assert bytes_hash(there) == result.hashes[name]
    assert len([key for key in pod.keys() if key.endswith("/predictions.bin")]) == 2
    said = capsys.readouterr().out
    assert (
        said
        == f"attempt 1 is not recorded: {pod.bucket.where(destination)}/result.json is of attempt {second}\n"
    )


def test_the_record_comes_last(trained: tuple[Pod, RunRequest], monkeypatch: pytest.MonkeyPatch) -> None:
    pod, request = trained
    destination = pod.asks(request)

    def away(*_: object) -> bool:
        raise Infrastructure("StoreUnreachable", "the store can't be reached")

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put_if_absent", away)
        with pytest.raises(Infrastructure):
            stored.score(pod.work)
    there = {key.rpartition("/")[2] for key in pod.keys() if key.startswith(destination)}
    assert there == FILES - {"result.json"}
    stored.score(pod.work)
    assert pod.says()["outcome"] == "Scored"


def test_a_failed_run_keeps_its_text_but_not_what_was_never_checked(
    trained: tuple[Pod, RunRequest],
) -> None:
    pod, request = trained
    destination = pod.asks(request)
    (pod.work / "out" / "predictions.bin").write_bytes(b"short")
    (pod.work / "out" / "diagnostics.json").unlink()
    (pod.work / "out" / "diagnostics.json").symlink_to("/etc/passwd")
    stored.score(pod.work)
    there = {key.rpartition("/")[2] for key in pod.keys() if key.startswith(destination)}
    assert there == TEXT
    assert (pod.says()["outcome"], pod.says()["reason"], pod.says()["score"]) == ("Failed", "Shape", None)


def test_what_is_no_record_is_said(trained: tuple[Pod, RunRequest]) -> None:
    pod, request = trained
    destination = pod.asks(request)
    pod.bucket.put_if_absent(f"{destination}/result.json", b"{}")
    with pytest.raises(Infrastructure, match=r"s3://seedbed/.*/result.json is not the record of a run"):
        stored.score(pod.work)


@pytest.mark.parametrize(
    ("step", "changes", "code", "sentence"),
    [
        ("fetch", {"SEEDBED_REQUEST": ""}, 2, "SEEDBED_REQUEST is not set"),
        ("fetch", {"SEEDBED_REQUEST": "{}"}, 2, "SEEDBED_REQUEST: RunRequest: field 'run_uid' is missing"),
        ("prepare", {"SEEDBED_DATASET": "[]"}, 2, "SEEDBED_DATASET is no JSON object"),
        ("prepare", {"SEEDBED_DATASET": '{"name": "nosuch"}'}, 2, "nosuch"),
        ("prepare", {"AWS_SECRET_ACCESS_KEY": "wrong"}, 75, "the secret key does not fit"),
        ("prepare", {"SEEDBED_S3_BUCKET": "other"}, 75, "there is no bucket 'other'"),
    ],
)
def test_troubles_are_one_sentence_and_a_code(
    pod: Pod, step: str, changes: dict[str, str], code: int, sentence: str
) -> None:
    environment = pod.environment | {"SEEDBED_DATASET": json.dumps(IRIS)} | changes
    work = () if step == "prepare" else ("--work", str(pod.work))
    done = runner(step, *work, "--store", **environment)
    assert done.returncode == code and sentence in done.stderr and done.stderr.count("\n") == 1


def test_a_pod_that_is_deleted_ends_its_training_at_once(pod: Pod, asking: Callable[..., RunRequest]) -> None:
    pod.asks(asking(pod.prepares(), training={"epochs": 1000}))
    stored.fetch(pod.work)
    command = [sys.executable, "-I", "-m", "seedbed_runner", "train", "--work", str(pod.work)]
    with subprocess.Popen(command, env={"PATH": os.environ["PATH"]}) as process:
        log = pod.work / "log.txt"
        while not log.exists() or b"epoch 3" not in log.read_bytes():
            time.sleep(0.05)
        (child,) = processes.children(process.pid)
        process.terminate()
        assert process.wait(timeout=5) == 143
    assert not Path(f"/proc/{child}").exists() and not (pod.work / "train.json").exists()


def test_a_store_or_folders_but_not_both(tmp_path: Path) -> None:
    for wrong in (["prepare"], ["prepare", "--store", "--into", "x"], ["fetch", "--work", "x"]):
        done = runner(*wrong)
        assert done.returncode == 2 and "or --store" in done.stderr


def test_bad_input_is_not_infrastructure(pod: Pod) -> None:
    termination.tell_error(BadInput("there is no dataset 'mnist'"))
    assert pod.says() == {"reason": "BadInput", "message": "there is no dataset 'mnist'"}
    termination.tell_error(Infrastructure("StoreUnreachable", "ÿ" * 3000))
    assert pod.says()["infrastructure"] == "StoreUnreachable" and len(pod.says()["message"]) >= 250
    termination.tell_error(Infrastructure("StoreUnreachable", "\U0001f600" * 3000))
    assert pod.says()["message"].startswith("\U0001f600" * 100)
