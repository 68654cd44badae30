"""`research-agent export` of a cluster's goal: the resources are played, the store with the runs is real."""

import asyncio
import importlib.util
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakes.seaweed import Seaweed, seaweed  # noqa: F401
from report.goals import build_experiment, build_goal, result
from seedbed.cli.main import main
from seedbed.cli.namespaces import NamespaceDocuments
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.profiles import StoreSettings
from seedbed.engine.naming import artifacts_prefix, result_key
from seedbed_runner.contract.events import EVENTS
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.events import write_events

GOAL = build_goal({"phase": "Searching"})
OWNER = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "ResearchGoal", "name": "digits", "uid": "u1"}
_MADE = build_experiment("digits-e001", [0, 1], index=1)
_OWNED = _MADE.metadata.model_validate({"name": "digits-e001", "ownerReferences": [OWNER]})
EXPERIMENT = _MADE.model_copy(update={"metadata": _OWNED})
TOLD = {"train_loss": [2.0, 0.5], "ended_at": [1.0, 2.0]}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resources of a namespace, as its API server would give them."""

    def read_all(self: NamespaceDocuments, kind: type) -> list[object]:
        assert self.namespace == "research"
        return [each for each in (GOAL, EXPERIMENT) if isinstance(each, kind)]

    monkeypatch.setattr(NamespaceDocuments, "read_all", read_all)
    for name in ("BUCKET", "ENDPOINT", "PREFIX", "REGION"):
        monkeypatch.delenv(f"SEEDBED_S3_{name}", raising=False)


def export(tracker: str, into: Path) -> tuple[int, str]:
    done = CliRunner().invoke(
        main, ["export", "digits", "-n", "research", "--to", tracker, "--out", str(into)]
    )
    return done.exit_code, done.output


def test_without_the_stores_name_it_says_how_to_name_it(cluster: None, tmp_path: Path) -> None:
    code, said = export("mlflow", tmp_path / "out")
    assert code == 1 and "the records of digits are in its store: name that by SEEDBED_S3_BUCKET" in said
    assert not (tmp_path / "out").exists()


@pytest.fixture
def stored(
    cluster: None,
    seaweed: Seaweed,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What two runs left in the store, under a prefix; the environment names it as a user would."""
    prefix = f"export/{tmp_path.name}"
    for name, value in seaweed.environment(SEEDBED_S3_PREFIX=prefix).items():
        monkeypatch.setenv(name, value)
    store = S3Artifacts(StoreSettings(endpoint=seaweed.endpoint, bucket=seaweed.bucket, prefix=prefix))
    request = RunRequest(
        run_uid="u", experiment="e", experiment_hash="h", seed=7, attempt=1, purpose="Explore",
        dataset_key="k", data_hash="d", model={}, training={"epochs": 2}, metric="accuracy", threads=1,
        device="cpu", deadline_seconds=1.0,
    )  # fmt: skip
    for seed in EXPERIMENT.spec.seeds:
        record = result("digits-e001", seed, 0.9, artifacts="a1", metrics={"accuracy": 0.9})
        (tmp_path / f"{seed}" / "out").mkdir(parents=True)
        (tmp_path / f"{seed}" / "out" / "diagnostics.json").write_text(json.dumps(TOLD))
        write_events(tmp_path / f"{seed}", request, record)
        beside = artifacts_prefix(EXPERIMENT, record)
        for key, data in (
            (result_key(EXPERIMENT, seed), record.to_json()),
            (f"{beside}/diagnostics.json", json.dumps(TOLD).encode()),
            (f"{beside}/{EVENTS}", (tmp_path / f"{seed}" / EVENTS).read_bytes()),
        ):
            assert asyncio.run(store.put(key, data))


@pytest.mark.slow
def test_tensorboard_gets_the_event_files_of_the_store(stored: None, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    code, said = export("tensorboard", tmp_path / "tb")
    assert code == 0 and said.startswith("2 runs of digits in "), said
    for seed in (0, 1):
        found = EventAccumulator(str(tmp_path / "tb" / "digits-e001" / f"s{seed}")).Reload()  # type: ignore[no-untyped-call]
        loss = found.Scalars("self_reported/train_loss")
        assert [(each.value, each.wall_time) for each in loss] == [(2.0, 1.0), (0.5, 2.0)]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="mlflow is an optional extra")
@pytest.mark.filterwarnings("ignore")  # its own, of the database's library
def test_mlflow_gets_the_records_of_the_store(stored: None, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    code, said = export("mlflow", tmp_path / "ml")
    assert code == 0 and "2 runs of digits in " in said, said  # it talks of its database, too
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/ml/mlflow.db")
    experiment = client.get_experiment_by_name("digits")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(run.info.run_name for run in runs) == ["digits-e001-s0", "digits-e001-s1"]
    assert runs[0].data.metrics["self_reported/train_loss"] == 0.5
    assert runs[0].data.tags["goal.phase"] == "Searching"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="wandb is an optional extra")
@pytest.mark.filterwarnings("ignore")  # its own
def test_wandb_gets_the_records_of_the_store(
    stored: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DO_NOT_TRACK", "WANDB_ERROR_REPORTING", "WANDB_MODE"):
        monkeypatch.setenv(name, "")
    code, said = export("wandb", tmp_path / "wb")
    assert code == 0 and said.startswith("2 runs of digits in "), said
    assert len(list((tmp_path / "wb" / "wandb").glob("offline-run-*/*.wandb"))) == 2
