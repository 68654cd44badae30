import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from seedbed_runner.flops import counted, flops_a_row
from seedbed_runner.workfolder import Task

PERCEPTRON = [
    {"type": "Linear", "out_features": 64},
    {"type": "ReLU"},
    {"type": "Linear", "out_features": 10},
]
CONVOLUTION = [
    {"type": "Conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"type": "Flatten"},
    {"type": "Linear", "out_features": "classes"},
]
WORDS = [
    {"type": "Embedding", "embedding_dim": 8},
    {"type": "MaskedMeanPool"},
    {"type": "Linear", "out_features": "classes"},
]


def request(**model):
    return SimpleNamespace(model=model)


@pytest.mark.parametrize(
    ("layers", "task", "flops"),
    [
        (PERCEPTRON, Task([20], 10, 5), 2 * (20 * 64 + 64 * 10)),
        (CONVOLUTION, Task([1, 8, 8], 3, 5), 2 * (8 * 8 * 4 * 9 + 4 * 8 * 8 * 3)),
        (WORDS, Task([24], 2, 5, vocabulary=300), 2 * 8 * 2),
    ],
)
def test_a_multiply_add_counts_twice(layers, task, flops):
    before = torch.get_rng_state()
    assert flops_a_row(request(layers=layers), task) == flops
    assert torch.equal(torch.get_rng_state(), before)


def test_code_of_others_is_not_run():
    assert flops_a_row(request(source="raise SystemExit"), Task([20], 10, 5)) is None


def test_what_is_no_arithmetic_counts_nothing():
    assert counted(lambda: torch.zeros(3) + 1) == 0


@pytest.mark.slow  # torch's own imports its compiler
@pytest.mark.parametrize(
    "model",
    [
        torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
        torch.nn.GRU(8, 6),
        torch.nn.Conv1d(5, 4, 3),
        torch.nn.Conv2d(2, 4, 3),
        torch.nn.ConvTranspose1d(5, 4, 3),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("inference", [True, False])
def test_counts_what_torchs_own_counter_does(model, inference):
    with torch.inference_mode(inference):
        with FlopCounterMode(display=False) as theirs:
            model(torch.randn(2, 5, 8))
        assert counted(lambda: model(torch.randn(2, 5, 8))) == theirs.get_total_flops() > 0


@pytest.mark.parametrize("inference", [True, False])
def test_counts_what_torch_does_in_one_kernel(inference):
    """Its own counter finds nothing in these."""
    recurrent = torch.nn.LSTM(8, 6, num_layers=2, bidirectional=True)
    encoder = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    with torch.inference_mode(inference):
        gates = 2 * 2 * 4 * 6 * ((8 + 6) + (12 + 6))  # two directions: four gates of six, two layers
        assert counted(lambda: recurrent(torch.randn(2, 5, 8))) == 10 * gates
        training = counted(lambda: encoder(torch.randn(2, 5, 8)))
        projections, attention, perceptron = 4 * 8 * 8, 2 * 5 * 8, 2 * 8 * 16
        assert training == 10 * 2 * (projections + attention + perceptron)
        encoder.eval()
        assert counted(lambda: encoder(torch.randn(2, 5, 8))) == training
        assert torch.backends.mha.get_fastpath_enabled() and torch.backends.mkldnn.enabled


@pytest.mark.slow
def test_counting_imports_no_compiler():
    code = (
        "import sys, torch; from seedbed_runner.flops import counted; layer = torch.nn.Linear(2, 2); "
        "counted(lambda: layer(torch.zeros(1, 2))); sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
