import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from fakes.sources import MLP
from seedbed_runner import child as module
from seedbed_runner.child import EXIT_DISK_FULL, EXIT_FAILED, run
from seedbed_runner.fetch import fetch
from seedbed_runner.loop import predict
from seedbed_runner.models import Built, build_model
from seedbed_runner.workfolder import WorkFolder


@pytest.fixture
def child(iris: Any, asking: Any, tmp_path: Path) -> Callable[..., tuple[int, Path]]:
    """The child's own code in this process, on freshly fetched data."""

    def go(**changes: Any) -> tuple[int, Path]:
        request = asking(iris.card, **changes)
        folder = WorkFolder(tmp_path)
        fetch(iris.folder, request, folder.data)
        folder.out.mkdir(exist_ok=True)
        return run(tmp_path, request), folder.out

    return go


def failure(out: Path) -> tuple[str, str]:
    told = json.loads((out / "failure.json").read_bytes())
    return told["reason"], told["message"]


def test_predictions_weights_and_diagnostics_belong_together(child: Any, asking: Any, iris: Any) -> None:
    code, out = child(training={"epochs": 5})
    assert code == 0
    logits = np.fromfile(out / "predictions.bin", "<f4").reshape(30, 3)
    model = build_model(asking(iris.card).model, [4], 3)
    model.load_state_dict(load_file(out / "weights.safetensors"))
    inputs = np.load(out.parent / "data" / "evaluation_inputs.npy")
    again = predict(model, inputs, torch.device("cpu"), "float32").numpy()
    assert np.allclose(logits, again, atol=1e-6)
    told = json.loads((out / "diagnostics.json").read_bytes())
    assert told["self_reported"] is True and told["device"] == "cpu"
    curves = ("train_loss", "learning_rate", "gradient_norm", "ended_at")
    assert [len(told[name]) for name in curves] == [5] * 4


def test_the_same_request_gives_the_same_bytes_and_another_seed_others(child: Any) -> None:
    def files(**changes: Any) -> list[bytes]:
        _, out = child(**changes)
        return [(out / name).read_bytes() for name in ("predictions.bin", "weights.safetensors")]

    first, again, attempt, other = files(), files(), files(attempt=7), files(seed=1)
    assert first == again == attempt
    assert first[0] != other[0] and first[1] != other[1]


def test_a_wrong_layer_is_a_shape_failure(child: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = child(layers=[{"type": "Linear", "out_features": 5}])
    assert code == EXIT_FAILED
    reason, message = failure(out)
    assert reason == "Shape" and "the data has 3 classes" in message
    assert "Traceback" not in capsys.readouterr().out


def test_a_module_that_gives_another_shape_is_caught_before_training(
    child: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "build", lambda *arguments: Built(torch.nn.Linear(4, 7)))
    monkeypatch.setattr(module, "train_model", lambda *arguments: pytest.fail("it trained"))
    _, out = child()
    assert failure(out) == ("Shape", "the model gives (2, 7) for 2 rows, but 3 classes were due")


def test_a_diverging_loss_is_non_finite(child: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Poisoned(torch.nn.Linear):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return super().forward(values) / 0

    monkeypatch.setattr(module, "build", lambda *arguments: Built(Poisoned(4, 3)))
    _, out = child()
    assert failure(out)[0] == "NonFinite"


def test_source_trains_to_the_bits_of_its_layers(child: Any) -> None:
    def bits(**changes: Any) -> list[bytes]:
        code, out = child(seed=3, **changes)
        assert code == 0
        weights = load_file(out / "weights.safetensors")
        return [
            (out / "predictions.bin").read_bytes(),
            *(weights[name].numpy().tobytes() for name in sorted(weights)),
        ]

    assert bits(model={"source": MLP}) == bits() == bits(model={"source": MLP})


def test_source_that_brings_an_optimizer_and_an_augmentation(child: Any) -> None:
    def logits(source: str) -> bytes:
        code, out = child(model={"source": source})
        assert code == 0
        return (out / "predictions.bin").read_bytes()

    optimizer = (
        "def build_optimizer(model, lr, weight_decay):\n    return torch.optim.Adam(model.parameters(), 0.1)"
    )
    augment = "def augment(inputs):\n    return inputs + torch.randn_like(inputs)"
    sources = [MLP, f"{MLP}\n{optimizer}\n", f"{MLP}\n{augment}\n", f"{MLP}\n{optimizer}\n{augment}\n"]
    assert len({logits(source) for source in sources}) == 4


@pytest.mark.parametrize(
    ("old", "new", "reason", "message"),
    [
        ("self.layers(input)", "self.layers(input @ torch.ones(4, 5) if self.training else input)", "Shape",
         "line 22 of the source: RuntimeError: mat1"),
        ("self.layers(input)", "self.layers(unnamed if self.training else input)", "Crash",
         "line 22 of the source: NameError: name 'unnamed' is not defined"),
        ("return Perceptron", "return print", "Format", "build_model returned a NoneType, not an nn.Module"),
    ],
)  # fmt: skip
def test_source_that_fails_is_told_in_a_sentence_with_its_line(
    child: Any, capsys: pytest.CaptureFixture[str], old: str, new: str, reason: str, message: str
) -> None:
    assert MLP.count(old) == 1
    code, out = child(model={"source": MLP.replace(old, new)})
    assert code == EXIT_FAILED
    told = failure(out)
    assert told[0] == reason and message in told[1]
    printed = capsys.readouterr().out
    assert "Traceback" not in printed and told[1] in printed


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_that_is_not_there(child: Any) -> None:
    _, out = child(device="cuda")
    assert failure(out)[0] == "NoDevice"
    assert child(device="auto")[0] == 0


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (OSError(28, "No space left on device"), EXIT_DISK_FULL, None),
        (MemoryError(), EXIT_FAILED, "OutOfMemory"),
        (ZeroDivisionError("division by zero"), EXIT_FAILED, "Crash"),
        (OSError(5, "Input/output error"), EXIT_FAILED, "Crash"),
    ],
)
def test_what_is_raised_becomes_a_failure(
    child: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, reason: str | None
) -> None:
    def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(module, "train_model", broken)
    found, out = child()
    assert found == code
    assert (out / "failure.json").exists() is (reason is not None)
    if reason:
        assert failure(out)[0] == reason
