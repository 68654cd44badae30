"""Leaks that are planted and run for real: which check of `seedbed.engine.integrity` finds which."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.api import Experiment
from seedbed.api.dataset import Dataset
from seedbed.api.objective import Objective
from seedbed.engine.integrity import duplicates_problem, impossible, judge_control
from seedbed_runner import child
from seedbed_runner import prepare as preparing
from seedbed_runner.contract.records import Card, RunResult
from seedbed_runner.fetch import fetch
from seedbed_runner.score import score
from seedbed_runner.train import supervise

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers and /proc are Linux's"),
    pytest.mark.filterwarnings(
        "ignore:.*multi-threaded.*:DeprecationWarning"
    ),  # the tests' own process forks
]
SEEDS = [90_010, 90_011]
LINEAR = [{"type": "Linear", "out_features": "classes"}]
TRAINING = {"epochs": 20, "batchSize": 32, "optimizer": {"lr": 0.02}}
SYNTHETIC = Dataset.model_validate(
    {"name": "synthetic", "synthetic": {"samples": 600, "features": 8, "bayesAccuracy": 0.85}}
).document()


def run(folder: Path, work: Path, request: Any, body: Any = child.run) -> RunResult:
    """The record of one run whose child does `body`."""
    fetch(folder, request, work / "data")
    return score(work, folder / "sealed", request, supervise(work, request, body))


def controlled(folder: Path, work: Path, asking: Any, card: Card, body: Any = child.run) -> Any:
    """What a control of the linear model finds, of a candidate at .8."""
    runs = []
    for seed in SEEDS:
        request = asking(card, purpose="Control", seed=seed, layers=LINEAR, training=TRAINING)
        record = run(folder, work, request, body)
        assert record.failure is None and record.purpose == "Control" and record.split == "validation"
        runs.append({"seed": seed, "attempt": 1, "phase": "Scored", "score": record.score})
    made = {"dataset": {"name": "iris"}, "model": {"layers": LINEAR}, "seeds": SEEDS, "purpose": "Control"}
    experiment = {"metadata": {"name": "g-i001"}, "spec": made, "status": {"runs": runs}}
    return judge_control(Experiment.model_validate(experiment), 0.8, "accuracy", card)


def prepared_of(root: Path) -> tuple[Path, Card]:
    card = preparing.prepare(SYNTHETIC, root)
    return card.parent.parent, Card.from_json(card.read_bytes())


def test_a_trainer_that_has_its_own_labels_is_caught_by_the_control(tmp_path: Path, asking: Any) -> None:
    folder, card = prepared_of(tmp_path / "data")
    known = np.load(folder / "sealed" / "validation_labels.npy")

    def cheat(work: Path, request: Any) -> int:
        code = child.run(work, request)
        (work / "out" / "predictions.bin").write_bytes(np.eye(card.classes, dtype="<f4")[known].tobytes())
        return code

    (finding,) = controlled(folder, tmp_path / "work", asking, card, cheat).findings
    assert (finding.type, finding.severity) == ("Leak", "Blocks") and finding.numbers["score"] == 1.0
    honest = controlled(folder, tmp_path / "work", asking, card)
    assert honest.over and [each.type for each in honest.findings if each.severity == "Blocks"] == []


def test_a_feature_that_gives_the_label_away_is_caught_by_the_ceiling_alone(
    tmp_path: Path, asking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = preparing.load

    def with_the_answer(dataset: Any) -> Any:
        source = load(dataset)
        answer = 10 * source.labels[:, None].astype(np.float32)
        return replace(source, inputs=np.hstack([source.inputs, answer]))

    monkeypatch.setattr(preparing, "load", with_the_answer)
    folder, card = prepared_of(tmp_path / "data")
    explored = run(folder, tmp_path / "work", asking(card, layers=LINEAR, training=TRAINING))
    assert explored.score is not None and explored.score > 0.97
    found = controlled(folder, tmp_path / "work", asking, card)
    assert not any(each.severity == "Blocks" for each in found.findings)
    finding = impossible(explored.score, Objective(metric="accuracy", target=0.8), card, "validation")
    assert finding is not None and finding.type == "Impossible"


def test_test_rows_that_are_trained_on_are_caught_by_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    divide = preparing.divide

    def with_test_in_train(source: Any, split: Any) -> Any:
        divided = divide(source, split)
        for parts in (divided.inputs, divided.labels):
            parts["train"] = np.concatenate([parts["train"], parts["test"][:20]])
        return divided

    monkeypatch.setattr(preparing, "divide", with_test_in_train)
    _, card = prepared_of(tmp_path / "data")
    assert card.overlap == {"train_validation": 0, "train_test": 20, "validation_test": 0}
    assert str(duplicates_problem(card)).startswith("20 of 120 test rows are in the train split too")
