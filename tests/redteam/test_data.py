"""Attacks 29 to 31: on what the data themselves tell of the labels; no seal stands in their way."""

from typing import Any

import numpy as np

from runner.conftest import make_request
from seedbed.api.dataset import Dataset
from seedbed_runner.data import load
from seedbed_runner.fetch import fetch
from seedbed_runner.metrics import compute


def looked_up(inputs: Any, source: Any, labels: Any) -> float:
    """Accuracy of looking rows up in a copy of the data, and of a constant where they are not in it."""
    copy = (source.inputs - source.inputs.mean(0)) / source.inputs.std(0)  # nearly as they were prepared
    distances = np.linalg.norm(inputs[:, None] - copy[None], axis=2)
    nearest = distances.argmin(1)
    guessed = np.where(distances.min(1) < 0.5, source.labels[nearest], 0)
    return float(np.mean(guessed == labels))


def test_29_regenerates_synthetic_labels_from_the_runs_seed(prepared: Any) -> None:
    document = Dataset.model_validate({"name": "synthetic", "synthetic": {"seed": 20_011}}).document()
    data = prepared(**document)
    inputs = np.load(data.folder / "public" / "validation_inputs.npy")
    labels = np.load(data.folder / "sealed" / "validation_labels.npy")
    drawn = document["synthetic"]
    assert looked_up(inputs, load(document), labels) == 1.0  # with the data's own seed it would pay
    for seed in range(3):  # a run's seeds count from zero
        again = load(document | {"synthetic": drawn | {"seed": seed}})
        assert looked_up(inputs, again, labels) == np.mean(labels == 0)


def follows_itself(labels: Any) -> float:
    """By how many standard deviations a row's label tells the next one's, above chance."""
    chance = float(((np.bincount(labels) / len(labels)) ** 2).sum())
    share, count = float(np.mean(labels[1:] == labels[:-1])), len(labels) - 1
    return (share - chance) / float(np.sqrt(chance * (1 - chance) / count))


def test_30_row_order_times_ids_and_names(digits: Any, tmp_path: Any) -> None:
    seen = []
    for split, purpose in (("validation", "Explore"), ("test", "Confirm")):
        labels = np.load(digits.folder / "sealed" / f"{split}_labels.npy")
        assert follows_itself(np.sort(labels)) > 20  # as many a data set comes
        assert abs(follows_itself(labels)) < 4
        into = tmp_path / split
        fetch(digits.folder, make_request(digits.card, purpose=purpose), into)
        seen.append(sorted(path.name for path in into.iterdir()))
    assert seen[0] == seen[1] == [
        "evaluation_inputs.npy", "task.json", "train_inputs.npy", "train_labels.npy"
    ]  # fmt: skip


def test_31_climbs_the_metric_over_400_trials() -> None:
    random = np.random.default_rng(0)
    inputs = {split: random.standard_normal((500, 20)) for split in ("validation", "test")}
    labels = {split: random.integers(0, 2, 500) for split in inputs}  # noise: there is nothing to learn
    votes = {split: np.zeros(500) for split in inputs}
    for _ in range(400):
        plane = random.standard_normal(20)
        said = {split: np.sign(rows @ plane) for split, rows in inputs.items()}
        told = float(np.mean((said["validation"] > 0) == labels["validation"]))  # what a planner is told
        for split in votes:
            votes[split] += (told - 0.5) * said[split]
    score = {
        split: compute(labels[split], np.stack([-votes[split], votes[split]], 1))["accuracy"]
        for split in votes
    }
    assert score["validation"] - 0.5 > 4 * np.sqrt(0.25 / 500)
    assert abs(score["test"] - 0.5) < 3 * np.sqrt(0.25 / 500)
