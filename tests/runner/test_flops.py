from types import SimpleNamespace

import pytest
import torch

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
