import json
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from seedbed_runner.contract.diagnostics import MAX_EPOCHS, curves_in
from seedbed_runner.contract.records import Failure, RunRequest, RunResult
from seedbed_runner.events import write_events

REQUEST = RunRequest(
    run_uid="u", experiment="e", experiment_hash="h", seed=7, attempt=1, purpose="Explore", dataset_key="k",
    data_hash="d", model={}, training={"epochs": 3}, metric="accuracy", threads=1, device="cpu",
    deadline_seconds=1.0,
)  # fmt: skip


def result(**changes: Any) -> RunResult:
    given: dict[str, Any] = {
        "outcome": "Scored", "score": 0.5, "metrics": {"accuracy": 0.5, "log_loss": 1.25}, "parameters": 12,
    }  # fmt: skip
    return RunResult(
        run_uid="u", experiment="e", experiment_hash="h", seed=7, attempt=1, purpose="Explore",
        split="validation", metric="accuracy", data_hash="d", assurance="trusted-code", started_at=100.0,
        finished_at=160.5, **given | changes,
    )  # fmt: skip


def read_back(work: Path, diagnostics: str, record: RunResult) -> EventAccumulator:
    (work / "out").mkdir()
    (work / "out" / "diagnostics.json").write_text(diagnostics)
    write_events(work, REQUEST, record)
    return EventAccumulator(str(work)).Reload()  # type: ignore[no-untyped-call]


def test_tensorboard_reads_the_curves_and_the_records_numbers(tmp_path: Path) -> None:
    told = {"train_loss": [2.0, 1.0, 0.5], "gradient_norm": [4.0, None, 0.25], "secret": [1.0]}
    found = read_back(tmp_path, json.dumps(told), result())
    loss = found.Scalars("self_reported/train_loss")
    assert [(each.step, each.value, each.wall_time) for each in loss] == [
        (1, 2.0, 160.5), (2, 1.0, 160.5), (3, 0.5, 160.5),
    ]  # fmt: skip
    assert [(each.step, each.value) for each in found.Scalars("self_reported/gradient_norm")] == [
        (1, 4.0), (3, 0.25),
    ]  # fmt: skip
    assert [each.value for each in found.Scalars("validation/log_loss")] == [1.25]
    assert [each.value for each in found.Scalars("cost/parameters")] == [12.0]
    assert not any("secret" in tag for tag in found.Tags()["scalars"])
    (card,) = found.Tensors("run")
    said = json.loads(card.tensor_proto.string_val[0])
    assert (said["seed"], said["score"], said["training"]) == (7, 0.5, {"epochs": 3})


@pytest.mark.parametrize(
    ("ended_at", "times"),
    [
        ([110.0, 120.5, 150], [110.0, 120.5, 150.0]),
        ([110.0], [110.0, 160.5, 160.5]),
        ([110.0, 109.0, 150.0], [160.5] * 3),
        ([99.0, 110.0, 150.0], [160.5] * 3),
        ([110.0, 120.0, 161.0], [160.5] * 3),
        ([110.0, None, 150.0], [160.5] * 3),
        ("soon", [160.5] * 3),
    ],
)
def test_epochs_stand_at_the_times_that_the_trainer_tells_if_they_can_be(
    tmp_path: Path, ended_at: Any, times: list[float]
) -> None:
    told = {"train_loss": [2.0, 1.0, 0.5], "ended_at": ended_at}
    found = read_back(tmp_path, json.dumps(told), result())
    assert [each.wall_time for each in found.Scalars("self_reported/train_loss")] == times
    assert found.Scalars("validation/accuracy")[0].wall_time == 160.5
    assert found.FirstEventTimestamp() == 100.0  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "diagnostics",
    [
        "", "[", "[]", '"text"', "[" * 100_000, '{"train_loss": "2"}', '{"train_loss": [true]}',
        '{"train_loss": []}', json.dumps({"train_loss": [1] * (MAX_EPOCHS + 1)}),
        f'{{"train_loss": [{"9" * 400}]}}',
        '{"train_loss": [NaN, Infinity]}',
    ],
)  # fmt: skip
def test_whatever_a_trainer_wrote_the_record_is_shown(tmp_path: Path, diagnostics: str) -> None:
    failed = result(
        outcome="Failed", score=None, metrics={}, failure=Failure("Shape", "the model gives 3 values")
    )
    found = read_back(tmp_path, diagnostics, failed)
    assert not [tag for tag in found.Tags()["scalars"] if tag.startswith("self_reported")]
    (card,) = found.Tensors("run")
    assert json.loads(card.tensor_proto.string_val[0])["failure"] == "Shape: the model gives 3 values"


def test_a_link_in_the_place_of_diagnostics_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text('{"train_loss": [1.0]}')
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "diagnostics.json").symlink_to(tmp_path / "elsewhere")
    write_events(tmp_path, REQUEST, result())
    found = EventAccumulator(str(tmp_path)).Reload()  # type: ignore[no-untyped-call]
    assert "self_reported/train_loss" not in found.Tags()["scalars"]


def test_a_curve_with_gaps_keeps_its_epochs() -> None:
    assert curves_in({"train_loss": [1, None, 10**400], "learning_rate": [None, "x"]}) == {
        "train_loss": [1.0, None, None]
    }
