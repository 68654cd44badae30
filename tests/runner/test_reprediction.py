"""Predicting again at a confirmation of code: what agrees, what does not, and what the child can't know."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes.sources import CNN, MLP
from seedbed_runner.contract.records import RunResult
from seedbed_runner.errors import ModelFailure
from seedbed_runner.fetch import fetch
from seedbed_runner.reprediction import TOLERANCE, compare, order
from seedbed_runner.score import score
from seedbed_runner.trainstep import train

SEED = "0f" * 16
trains = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers and /proc are Linux's"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
FORWARD = "        return self.layers(input)"


def logits(rows: int = 20) -> Any:
    return np.random.default_rng(0).normal(size=(rows, 3)).astype("<f4")


def test_the_other_order_is_a_permutation_by_its_seed() -> None:
    drawn = order(SEED, 100)
    assert sorted(drawn) == list(range(100)) and list(drawn) != list(range(100))
    assert list(order(SEED, 100)) == list(drawn) != list(order("0e" * 16, 100))


def test_rounding_is_tolerated_and_no_more() -> None:
    first = logits()
    second = first[order(SEED, len(first))]
    compare(first, second, SEED, "float32")
    compare(first, second + 0.9 * TOLERANCE["float32"], SEED, "float32")
    with pytest.raises(ModelFailure, match="other values in 20 of 20 rows") as caught:
        compare(first, second + 10 * TOLERANCE["float32"], SEED, "float32")
    assert caught.value.reason == "NotReproduced"
    compare(first, second + 10 * TOLERANCE["float32"], SEED, "bfloat16")


def test_a_regressions_values_are_held_to_their_own_spread() -> None:
    values = (logits()[:, :1] * 1e5 + 5e5).astype("<f4")
    second = values[order(SEED, len(values))]
    compare(values, second + np.float32(20), SEED, "float32", 5e5, 1e5)
    with pytest.raises(ModelFailure):
        compare(values, second + np.float32(2e3), SEED, "float32", 5e5, 1e5)
    narrow = (logits()[:, :1] * 0.1 + 1000).astype("<f4")
    with pytest.raises(ModelFailure):
        compare(narrow, narrow[order(SEED, len(narrow))] + np.float32(0.05), SEED, "float32", 1000, 0.1)


def test_the_order_that_training_saw_does_not_do() -> None:
    with pytest.raises(ModelFailure):
        compare(logits(), logits(), SEED, "float32")


def confirmed(work: Path, data: Any, asking: Any, source: str, **changes: Any) -> RunResult:
    request = asking(data.card, purpose="Confirm", model={"source": source}, **changes)
    fetch(data.folder, request, work / "data")
    return score(work, data.folder / "sealed", request, train(work, request))


class TestTrained:
    pytestmark = trains

    @pytest.mark.parametrize("precision", ["float32", "bfloat16"])
    def test_honest_code_agrees(self, tmp_path: Path, digits: Any, asking: Any, precision: str) -> None:
        found = confirmed(tmp_path, digits, asking, CNN, training={"precision": precision})
        assert (found.outcome, found.failure, found.repredicted) == ("Scored", None, True)
        assert sorted(path.name for path in (tmp_path / "again" / "data").iterdir()) == [
            "evaluation_inputs.npy", "task.json", "weights.safetensors",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("lines", "reason", "words"),
        [
            ("        return self.layers(input) + 0.2 * torch.rand(())", "NotReproduced", "other values in"),
            ("        out = self.layers(input)\n        return out if self.training else out - out.mean(0)",
             "NotReproduced", "must follow from its row"),
            ("        if torch.is_inference_mode_enabled() and not self.training:\n"
             "            self.seen = getattr(self, 'seen', 0) + 1\n"
             "        return self.layers(input)", None, ""),
        ],
        ids=["random", "of its batch", "honest though it counts"],
    )  # fmt: skip
    def test_a_prediction_must_follow_from_its_row_and_the_weights(
        self, tmp_path: Path, iris: Any, asking: Any, lines: str, reason: str | None, words: str
    ) -> None:
        found = confirmed(tmp_path, iris, asking, MLP.replace(FORWARD, lines))
        assert (found.failure.reason if found.failure else None) == reason
        assert found.failure is None or words in found.failure.message

    def test_an_exploration_and_our_own_layers_are_not_predicted_again(
        self, tmp_path: Path, iris: Any, asking: Any
    ) -> None:
        for request in (asking(iris.card, purpose="Confirm"), asking(iris.card, model={"source": MLP})):
            fetch(iris.folder, request, tmp_path / "data")
            trained = train(tmp_path, request)
            assert trained.order_seed == "" and not (tmp_path / "again").exists()
            result = score(tmp_path, iris.folder / "sealed", request, replace(trained))
            assert (result.outcome, result.repredicted) == ("Scored", False)
