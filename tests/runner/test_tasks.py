"""Sources of every task and type through the whole of a run: prepare, fetch, train, score."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import r2_score

from seedbed.api.dataset import Dataset
from seedbed_runner import prepare as preparing
from seedbed_runner.contract.metrics import metric_problem
from seedbed_runner.contract.records import Card, RunResult
from seedbed_runner.data import Provenance, Source
from seedbed_runner.data.table import Table
from seedbed_runner.errors import BadInput
from seedbed_runner.fetch import fetch
from seedbed_runner.prepare import prepare
from seedbed_runner.run import run_once
from seedbed_runner.scaling import pixel_scaling, target_scaling
from seedbed_runner.split import divide

SPLIT = {"seed": 0, "test": 0.2, "validation": 0.2, "stratify": True}


def a_regression(rows: int = 400) -> Source:
    random = np.random.default_rng(0)
    numbers = random.normal(size=(rows, 3))
    words = random.choice(["low", "high"], size=(rows, 1)).astype(object)
    values = 5000 + 900 * numbers[:, 0] - 400 * (words[:, 0] == "low") + 50 * random.normal(size=rows)
    return Source(
        title="Prices", kind="tabular", inputs=Table(numbers, words, ("a", "b", "c"), ("d",)),
        labels=values.astype(np.float32), classes=1, leakable=False, task="regression", metric="rmse",
        notes=("drawn",), provenance=Provenance("here", "7", {"prices.csv": "sha256:0"}, "CC0"),
    )  # fmt: skip


def some_images(rows: int = 120) -> Source:
    random = np.random.default_rng(1)
    labels = np.arange(rows) % 3
    images = random.integers(0, 90, size=(rows, 3, 8, 8), dtype=np.uint8)
    images[np.arange(rows), labels] += 120
    parts: Any = {"train": np.arange(80), "test": np.arange(80, rows)}
    return Source(
        "Pictures", "image", images, labels, 3, False, parts=parts, class_names=("red", "green", "blue")
    )


def prepared(source: Source, into: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Card]:
    monkeypatch.setattr(preparing, "load", lambda dataset: source)
    path = prepare(Dataset(name="iris").document(), into)
    return path.parent.parent, Card.from_json(path.read_bytes())


def ran(folder: Path, request: Any, work: Path, kept: Path) -> RunResult:
    work.mkdir()
    (work / "request.json").write_bytes(request.to_json())
    run_once(work, folder, kept)
    return RunResult.from_json((kept / "result.json").read_bytes())


def test_a_regression_says_so_in_its_card_and_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asking: Any
) -> None:
    folder, card = prepared(a_regression(), tmp_path / "data", monkeypatch)
    assert (card.task, card.metric, card.classes, card.input_shape) == ("regression", "rmse", 1, [5])
    assert set(card.baselines) == {"mean", "linear"} and card.baselines["linear"]["r2"] > 0.99
    assert card.notes[0] == "drawn" and card.provenance["checksums"] == {"prices.csv": "sha256:0"}
    assert metric_problem("rmse", card) is None
    assert str(metric_problem("accuracy", card)).startswith(
        "accuracy is a metric of classification but the data's task is regression: use one of rmse, mae, r2"
    )
    fetch(folder, asking(card, metric="rmse"), tmp_path / "work")
    task = json.loads((tmp_path / "work" / "task.json").read_bytes())
    train = np.load(folder / "public" / "train_labels.npy")
    assert task["task"] == "regression"
    assert task["target"] == {
        "mean": [pytest.approx(train.mean())],
        "deviation": [pytest.approx(train.std(), 1e-4)],
    }


@pytest.mark.slow
def test_a_regression_is_trained_and_scored_in_its_own_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asking: Any
) -> None:
    folder, card = prepared(a_regression(), tmp_path / "data", monkeypatch)
    request = asking(
        card, metric="rmse", training={"epochs": 60, "optimizer": {"lr": 0.01}}, purpose="Confirm"
    )
    record = ran(folder, request, tmp_path / "work", tmp_path / "kept")
    truth = np.load(folder / "sealed" / "test_labels.npy")
    given = np.fromfile(tmp_path / "kept" / record.artifacts / "predictions.bin", dtype="<f4")
    assert record.score == pytest.approx(np.sqrt(np.mean((truth - given.astype(np.float64)) ** 2)))
    assert (
        record.score < 300
        and record.metrics["r2"] == pytest.approx(r2_score(truth, given))
        and not record.diverged
    )
    assert record.confusion is None and record.chance == pytest.approx(truth.std(dtype=np.float64))
    assert set(record.item_variances) == {"rmse", "mae", "r2", "pearson", "spearman"}
    control = asking(card, metric="r2", purpose="Control", training={"epochs": 20})
    assert ran(folder, control, tmp_path / "other", tmp_path / "controls").metrics["r2"] < 0.1


@pytest.mark.slow
def test_bytes_of_pixels_are_scaled_on_the_device_and_augmented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asking: Any
) -> None:
    folder, card = prepared(some_images(), tmp_path / "data", monkeypatch)
    assert np.load(folder / "public" / "train_inputs.npy").dtype == np.uint8
    assert card.sizes == {"train": 64, "validation": 16, "test": 40} and card.class_names[0] == "red"
    training = {"epochs": 15, "augment": ["Flip", "Crop"], "classWeights": "Balanced"}
    record = ran(folder, asking(card, training=training), tmp_path / "work", tmp_path / "kept")
    assert record.score is not None and record.score > 0.9


def test_the_official_test_rows_are_sealed_and_no_row_like_them_is_trained_on() -> None:
    source = some_images()
    source.inputs[5] = source.inputs[100]  # type: ignore[index]
    source.inputs[7] = source.inputs[6]  # type: ignore[index]
    divided = divide(source, SPLIT)
    assert (divided.inputs["test"] == source.inputs[80:]).all()  # type: ignore[index]
    assert divided.dropped == 2 and len(divided.labels["train"]) + len(divided.labels["validation"]) == 78


def test_pixels_and_values_are_scaled_by_what_train_holds() -> None:
    images = some_images().inputs
    assert isinstance(images, np.ndarray)
    found = pixel_scaling(images)
    assert found.mean == pytest.approx(images.mean(axis=(0, 2, 3)).tolist())
    assert found.deviation == pytest.approx(images.std(axis=(0, 2, 3)).tolist())
    assert target_scaling(np.full(3, 2, np.float32)).deviation == [1.0]


def test_values_that_are_missing_are_refused() -> None:
    source = a_regression()
    source.labels[3] = np.nan
    with pytest.raises(BadInput, match="the labels of the .* split hold values that are missing"):
        divide(source, SPLIT)


def test_the_control_of_a_regression_moves_values_and_keeps_them() -> None:
    from seedbed_runner.control import permute

    values = np.random.default_rng(2).normal(size=500).astype(np.float32)
    first, second = (permute(values, "sha256:0", seed) for seed in (0, 1))
    for given in (first, second):
        assert (np.sort(given) == np.sort(values)).all() and given.dtype == values.dtype
        assert abs(np.corrcoef(given, values)[0, 1]) < 0.1
    assert (permute(values, "sha256:0", 0) == first).all() and np.corrcoef(first, second)[0, 1] < 0.1
