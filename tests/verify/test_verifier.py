import asyncio
from dataclasses import replace

import numpy as np
import pytest

from seedbed.verify.recorded import Recorded
from seedbed.verify.records import FolderRecords
from seedbed.verify.steps import Steps
from seedbed.verify.verifier import Verifier, _difference, _pinned
from seedbed_runner.contract.records import Failure, RunRequest, RunResult

UID = "default/g-1/runs/g-e001-01234567/s0"
RECORD = RunResult(
    run_uid=UID, experiment="g-e001", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    split="validation", outcome="Scored", metric="accuracy", data_hash="d", assurance="trusted-code",
    started_at=0.0, finished_at=1.0, score=0.9, artifacts="a1-0", fingerprint={"device": "cpu"},
)  # fmt: skip
REQUEST = RunRequest(
    run_uid=UID, experiment="g-e001", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    dataset_key="k", data_hash="d", model={}, training={}, metric="accuracy", threads=1, device="auto",
    deadline_seconds=1.0,
)  # fmt: skip


@pytest.fixture
def verdict(tmp_path, monkeypatch):
    """The verdict on a record's bytes, where nothing can be carried out: it must come before that."""

    async def nothing(self):
        return None

    monkeypatch.setattr(Steps, "open", nothing)
    monkeypatch.setattr(Steps, "close", nothing)

    def make(data, stated=None):
        root = str(tmp_path / "artifacts")
        run = Recorded(f"{root}/{UID}", root, UID, "default", "g-1", "g-e001", 0, data, stated)
        heard = []
        verifier = Verifier(FolderRecords(), [], [run], tmp_path / "temporary", 1)
        (outcome,) = asyncio.run(verifier.verify([run], heard.append))
        assert heard == [outcome] and not list((tmp_path / "temporary").glob("*"))
        (finding,) = outcome.findings
        return outcome.verdict, finding.subject, finding.said

    return make


def test_a_record_that_is_gone(verdict):
    found = verdict(None)
    assert found[:2] == ("CannotRun", "record") and found[2].endswith(f"{UID}/result.json is gone")


def test_a_record_that_is_none(verdict):
    assert verdict(b"{}") == ("Different", "record", "RunResult: field 'run_uid' is missing")


def test_a_record_of_another_run(verdict):
    found = verdict(replace(RECORD, run_uid="default/g-1/runs/g-e002-01234567/s0").to_json())
    assert found[:2] == ("Different", "record") and f"but lies in {UID}" in found[2]


def test_a_folder_that_leads_elsewhere(verdict):
    assert "which is no folder" in verdict(replace(RECORD, artifacts="../../other").to_json())[2]


def test_another_score_than_the_status_tells(verdict):
    said = "result.json: `score` is 0.9, but its Experiment's status says 0.8"
    assert verdict(RECORD.to_json(), stated=0.8) == ("Different", "record", said)


def test_a_record_of_before_requests_were_kept(verdict):
    said = "there is no request.json beside its files, and its Experiment is not here"
    assert verdict(RECORD.to_json(), stated=0.9) == ("CannotRun", "request", said)


def test_a_request_that_is_none(verdict, tmp_path):
    kept = tmp_path / "artifacts" / UID / "a1-0"
    kept.mkdir(parents=True)
    (kept / "request.json").write_text("{}")
    assert verdict(RECORD.to_json())[:2] == ("Different", "request")


def test_auto_means_the_device_that_it_was():
    gpu = replace(RECORD, fingerprint={"device": "A GPU"})
    failed = replace(RECORD, outcome="Failed", failure=Failure("NoDevice", "none"))
    assert _pinned(REQUEST, RECORD).device == "cpu" and _pinned(REQUEST, gpu).device == "cuda"
    assert _pinned(replace(REQUEST, device="cuda"), RECORD).device == "cuda"
    assert _pinned(REQUEST, failed).device == "auto"


def test_how_predictions_differ(tmp_path):
    then, now = tmp_path / "then", tmp_path / "now"
    old = np.array([[1, 0], [0, 1], [1, 0]], dtype="<f4")
    new = np.array([[1, 0.5], [0, 1], [1, 1.25]], dtype="<f4")
    then.write_bytes(old.tobytes())
    assert _difference(then, now, 3) is None
    now.write_bytes(new.tobytes())
    found = _difference(then, now, 3)
    assert (found.items, found.otherwise, found.largest_logit) == (3, 1, 1.25)
