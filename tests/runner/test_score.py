import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from seedbed_runner.contract.hashing import bytes_hash
from seedbed_runner.contract.records import Failure, RunResult
from seedbed_runner.errors import Infrastructure
from seedbed_runner.score import request_hash, score
from seedbed_runner.workfolder import TrainRecord

TRAINED = TrainRecord(
    started_at=1.0, finished_at=3.0, seconds=2.0, peak_memory_bytes=10, fingerprint={"torch": "x"}
)
WEIGHTS = save({"weight": torch.zeros(3, 4), "bias": torch.zeros(3)})


@pytest.fixture
def scored(iris: Any, asking: Any, tmp_path: Path) -> Callable[..., RunResult]:
    """Score what `spoil` makes of a perfect run's out folder."""
    (tmp_path / "out").mkdir()
    labels = np.load(iris.folder / "sealed" / "validation_labels.npy")
    (tmp_path / "out" / "predictions.bin").write_bytes(np.eye(3, dtype="<f4")[labels].tobytes())
    (tmp_path / "out" / "weights.safetensors").write_bytes(WEIGHTS)

    def make(
        spoil: Callable[[Path], Any] = lambda out: None, trained: TrainRecord = TRAINED, **changes: Any
    ) -> RunResult:
        spoil(tmp_path / "out")
        return score(tmp_path, iris.folder / "sealed", asking(iris.card, **changes), trained)

    return make


def test_a_perfect_run(scored: Any, iris: Any, asking: Any) -> None:
    result = scored(seed=5, attempt=2)
    assert (result.outcome, result.score, result.failure, result.diverged) == ("Scored", 1.0, None, False)
    assert {"accuracy": 1.0, "balanced_accuracy": 1.0, "f1_macro": 1.0}.items() <= result.metrics.items()
    assert 0 < result.metrics["log_loss"] < result.metrics["log_loss"] + 0.1 < 0.7
    assert result.item_variances == {}  # of the test split only
    assert result.confusion == [[10, 0, 0], [0, 10, 0], [0, 0, 10]] and result.items == 30
    assert result.chance == pytest.approx(1 / 3) and result.parameters == 15
    assert (result.seed, result.attempt, result.split) == (5, 2, "validation")
    assert (result.train_seconds, result.peak_memory_bytes, result.started_at) == (2.0, 10, 1.0)
    assert result.hashes["weights"] == bytes_hash(WEIGHTS) and result.fingerprint == {"torch": "x"}
    assert set(result.hashes) == {"predictions", "weights", "labels", "request"}
    assert RunResult.from_json(result.to_json()) == result


def test_assurance_and_seal_are_what_the_supervisor_saw(scored: Any) -> None:
    assert (scored().assurance, scored().seal) == ("none", {})
    seen = dataclasses.replace(TRAINED, assurance="sealed", seal={"landlock": "version 7"})
    failed = dataclasses.replace(seen, failure=Failure("Crash", "line 3 of the source"))
    for trained in (seen, failed):
        result = scored(trained=trained)
        assert (result.assurance, result.seal) == ("sealed", {"landlock": "version 7"})


def test_the_demand_is_no_part_of_what_was_asked_to_do(iris: Any, asking: Any) -> None:
    plain, demanding = asking(iris.card), asking(iris.card, demand="sealed", declared="gvisor", attempt=2)
    assert request_hash(plain) == request_hash(demanding)


def test_of_code_a_confirmation_needs_the_second_prediction(scored: Any) -> None:
    with pytest.raises(Infrastructure, match="its image is an older one"):
        scored(purpose="Confirm", model={"source": "x = 1"}, spoil=lambda out: None)


def constant(out: Path) -> None:
    (out / "predictions.bin").write_bytes(np.tile(np.array([0, 1, 0], "<f4"), (30, 1)).tobytes())


def test_a_constant_prediction_is_scored_and_diverged(scored: Any) -> None:
    result = scored(constant, metric="balanced_accuracy")
    assert result.outcome == "Scored" and result.diverged
    assert result.score == result.chance == pytest.approx(1 / 3)


def replace_by(make: Callable[[Path], Any], name: str = "predictions.bin") -> Callable[[Path], None]:
    def spoil(out: Path) -> None:
        (out / name).rename(out / "moved")
        make(out / name)

    return spoil


def truncate(size: int) -> Callable[[Path], None]:
    return lambda out: os.truncate(out / "predictions.bin", size)


def poison(value: float) -> Callable[[Path], None]:
    def spoil(out: Path) -> None:
        logits = np.fromfile(out / "predictions.bin", "<f4")
        logits[7] = value
        logits.tofile(out / "predictions.bin")

    return spoil


SPOILED = {
    "missing": (lambda out: (out / "predictions.bin").unlink(), "NoPredictions"),
    "empty": (truncate(0), "Shape"),
    "a row short": (truncate(29 * 12), "Shape"),
    "ten gigabytes": (truncate(10**10), "Size"),
    "nan": (poison(float("nan")), "NonFinite"),
    "infinity": (poison(float("-inf")), "NonFinite"),
    "symlink": (replace_by(lambda path: path.symlink_to(path.parent / "moved")), "NotRegular"),
    "hard link": (replace_by(lambda path: os.link(path.parent / "moved", path)), "NotRegular"),
    "fifo": (replace_by(os.mkfifo), "NotRegular"),
    "folder": (replace_by(os.mkdir), "NotRegular"),
    "no weights": (lambda out: (out / "weights.safetensors").unlink(), "NoPredictions"),
    "pickled weights": (lambda out: (out / "weights.safetensors").write_bytes(b"\x80\x04N."), "Format"),
    "weights symlink": (
        replace_by(lambda path: path.symlink_to(path.parent / "moved"), "weights.safetensors"), "NotRegular",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.values(), ids=SPOILED.keys())
def test_a_bad_buffer_is_a_failure(scored: Any, spoil: Callable[[Path], Any], reason: str) -> None:
    result = scored(spoil)
    assert result.outcome == "Failed" and result.failure.reason == reason
    assert (result.score, result.metrics, result.confusion, result.diverged) == (None, {}, None, False)
    assert result.items == 30 and result.chance == pytest.approx(1 / 3)
    assert RunResult.from_json(result.to_json()) == result


def test_a_failed_training_is_not_scored_whatever_it_left(scored: Any) -> None:
    failed = dataclasses.replace(TRAINED, failure=Failure("Deadline", "too long"))
    result = scored(trained=failed)
    assert result.outcome == "Failed" and result.failure.reason == "Deadline" and result.score is None


def test_labels_of_other_data_are_refused(scored: Any) -> None:
    with pytest.raises(Infrastructure):
        scored(data_hash="sha256:" + "0" * 64)


def test_the_request_hash_leaves_the_attempt_out_and_nothing_else(iris: Any, asking: Any) -> None:
    request = asking(iris.card)
    assert request_hash(request) == request_hash(dataclasses.replace(request, attempt=9))
    assert request_hash(request) != request_hash(dataclasses.replace(request, seed=9))
    assert request_hash(request) != request_hash(dataclasses.replace(request, threads=2))


@pytest.mark.slow
def test_the_scorer_imports_no_torch_and_no_model() -> None:
    probe = (
        "import sys, seedbed_runner.score, seedbed_runner.keep, seedbed_runner.__main__; "
        "print(sorted(set(sys.modules) & {'torch', 'seedbed_runner.models'}))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
