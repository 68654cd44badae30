import importlib.util
import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seedbed.cli.main import main
from seedbed.errors import InvalidInput
from seedbed.export.content import TrackedRun, flat
from seedbed.export.extras import tracker
from seedbed.export.mlflow import export_mlflow
from seedbed.export.wandb import export_wandb

RUNS = [
    TrackedRun(
        name=f"g-e001-s{seed}", group="g-e001", scored=seed == 0,
        config={"seed": seed, "training.optimizer.lr": 0.01, "dataset.name": "iris"},
        facts={"outcome": "Scored" if seed == 0 else "Failed", "data_hash": "sha256:d"},
        metrics={"validation/accuracy": 0.75} if seed == 0 else {},
        curves={"train_loss": [2.0, None, 1.0]}, started_at=100.0, finished_at=160.0,
        ended_at=[110.0, 120.0, 130.5] if seed == 0 else [],
    )
    for seed in (0, 1)
]  # fmt: skip
FACTS = {"goal.verdict": "Achieved"}


def needs(package: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"{package} is an optional extra, and not installed here")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "WANDB_ERROR_REPORTING", "WANDB_MODE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


def test_curves_go_by_epoch_and_gaps_stay_gaps() -> None:
    assert [values for _, _, values in RUNS[0].steps()] == [
        {"self_reported/train_loss": 2.0}, {}, {"self_reported/train_loss": 1.0},
    ]  # fmt: skip


def test_an_epoch_is_at_its_end_or_where_that_is_not_known_at_the_runs() -> None:
    assert [[at for _, at, _ in run.steps()] for run in RUNS] == [[110.0, 120.0, 130.5], [160.0] * 3]


def test_settings_are_flattened_by_dotted_names() -> None:
    nested = {"optimizer": {"lr": 0.1, "nesterov": False}, "augment": ["Flip"], "clipNorm": None}
    assert dict(flat(nested, "training")) == {
        "training.optimizer.lr": 0.1, "training.optimizer.nesterov": False, "training.augment": "['Flip']",
    }  # fmt: skip


def test_a_missing_package_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    with pytest.raises(InvalidInput, match=r"pip install 'seedbed\[wandb\]'"):
        tracker("wandb")


@pytest.mark.slow
@needs("mlflow")
@pytest.mark.filterwarnings("ignore")  # its own, of the database's library
def test_mlflow_reads_what_was_written(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    export_mlflow(RUNS, "g", FACTS, tmp_path)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.get_experiment_by_name("g")
    assert experiment is not None
    found = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    first = found["g-e001-s0"]
    assert (first.info.status, found["g-e001-s1"].info.status) == ("FINISHED", "FAILED")
    assert (first.info.start_time, first.info.end_time) == (100_000, 160_000)
    assert first.data.metrics["validation/accuracy"] == 0.75
    assert first.data.params["training.optimizer.lr"] == "0.01"
    assert first.data.tags["goal.verdict"] == "Achieved" and first.data.tags["data_hash"] == "sha256:d"
    history = client.get_metric_history(first.info.run_id, "self_reported/train_loss")
    assert [(each.step, each.value, each.timestamp) for each in history] == [
        (1, 2.0, 110_000), (3, 1.0, 130_500),
    ]  # fmt: skip


@pytest.mark.slow
@needs("wandb")
@pytest.mark.filterwarnings("ignore")  # its own
def test_wandb_reads_what_was_written_offline(tmp_path: Path) -> None:
    export_wandb(RUNS, "g", FACTS, tmp_path)
    logs = sorted((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    assert len(logs) == 2
    records = [record for log in logs for record in _records(log)]
    runs = {record.run.display_name: record.run for record in records if record.HasField("run")}
    assert set(runs) == {"g-e001-s0", "g-e001-s1"} and runs["g-e001-s0"].run_group == "g-e001"
    config = {item.key: json.loads(item.value_json) for item in runs["g-e001-s0"].config.update}
    assert config["training.optimizer.lr"] == 0.01 and config["facts"]["goal.verdict"] == "Achieved"
    rows = [record.history for record in records if record.HasField("history")]
    losses = [
        json.loads(item.value_json)
        for row in rows
        for item in row.item
        if "self_reported/train_loss" in (item.key, *item.nested_key)
    ]
    assert losses == [2.0, 1.0] * 2
    times = [
        json.loads(item.value_json)
        for row in rows
        for item in row.item
        if "_timestamp" in (item.key, *item.nested_key)
    ]
    assert times == [110.0, 120.0, 130.5, 160.0, 160.0, 160.0]


def _records(log: Path) -> Iterator[Any]:
    """The records of a log in LevelDB's format: blocks of 32 KiB; crc, length and type before each part."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, whole = log.read_bytes(), 7, b""  # behind a header of W&B's
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last part of one
            yield Record.FromString(whole)
            whole = b""


def test_nothing_recorded_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["export", "g", "--to", "wandb", "--folder", str(tmp_path)])
    assert done.exit_code == 1 and "there is no g in" in done.stderr


@pytest.mark.slow
def test_a_real_goals_runs_reach_tensorboard(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    manifest = tmp_path / "one.yaml"
    manifest.write_text(
        "apiVersion: seedbed.dev/v1alpha1\nkind: Experiment\nmetadata: {name: one}\nspec:\n"
        "  dataset: {name: iris}\n  model: {layers: [{type: Linear, out_features: classes}]}\n"
        "  training: {epochs: 3}\n  seeds: [0, 1]\n"
    )
    kept = ["--folder", str(tmp_path / "runs")]
    ran = CliRunner().invoke(main, ["run", str(manifest), "--plain", "--no-report", *kept])
    assert ran.exit_code == 0, ran.output
    done = CliRunner().invoke(
        main, ["export", "one", "--to", "tensorboard", "--out", str(tmp_path / "tb"), *kept]
    )
    assert done.exit_code == 0 and done.stdout.startswith("2 runs of one in "), done.output
    for seed in (0, 1):
        found = EventAccumulator(str(tmp_path / "tb" / "one" / f"s{seed}")).Reload()  # type: ignore[no-untyped-call]
        times = [each.wall_time for each in found.Scalars("self_reported/train_loss")]
        assert (
            len(times) == 3
            and times == sorted(set(times))
            and times[-1] < found.Scalars("validation/accuracy")[0].wall_time
        )
        (record,) = (tmp_path / "runs").rglob(f"s{seed}/result.json")
        assert found.Scalars("validation/accuracy")[0].value == pytest.approx(
            json.loads(record.read_text())["metrics"]["accuracy"]
        )
