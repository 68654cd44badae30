"""A fresh model for each seed: what one seed learnt must not be where the next one starts."""

import pytest
import torch
from torch import nn

from seedbed_runner.errors import BadInput
from seedbed_runner.randomness import fresh_model, streams
from seedbed_runner.reinitialise import model_builder

SHAPE, CLASSES = (4,), 3


def weights(model):
    return torch.cat([tensor.flatten() for tensor in model.state_dict().values()])


def net():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def starts(build, seeds=(0, 1)):
    """First weights of each seed, when every seed is trained before the next one is built."""
    found = []
    for seed in seeds:
        model = fresh_model(build, streams(seed))
        found.append(weights(model).clone())
        with torch.no_grad():
            for tensor in model.state_dict().values():
                tensor.add_(100)  # what training does, coarsely
    return found


def independent(build):
    """Whether seed 1 starts the same after seed 0 as it does alone."""
    alone = starts(build, seeds=(1,))[0]
    return torch.equal(starts(build)[1], alone)


@pytest.mark.parametrize(
    "model",
    [net, net(), lambda shape, classes: nn.Linear(*shape, classes), lambda shape=SHAPE: nn.Linear(*shape, 3),
     {"layers": [{"type": "Linear", "out_features": "classes"}]}, nn.Sequential(nn.Flatten(), net())],
    ids=["function", "instance", "two arguments", "defaults", "layers", "nested instance"],
)  # fmt: skip
def test_each_seed_starts_from_its_own_weights_alone(model):
    build = model_builder(model, SHAPE, CLASSES)
    assert independent(build)
    first, second = starts(build)
    assert not torch.equal(first, second)
    assert torch.equal(first, starts(build)[0])


def test_the_check_catches_one_object_reused_across_seeds():
    shared = net()
    assert not independent(lambda: shared)


def test_the_instance_itself_is_left_alone():
    pattern = net()
    before = weights(pattern).clone()
    starts(model_builder(pattern, SHAPE, CLASSES))
    assert torch.equal(weights(pattern), before)


def test_running_statistics_start_anew():
    pattern = net()
    pattern(torch.randn(64, 4) + 5)
    model = model_builder(pattern, SHAPE, CLASSES)()
    assert torch.equal(model[1].running_mean, torch.zeros(8)) and model[1].num_batches_tracked == 0


class Stubborn(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(x * self.scale)


def test_an_instance_that_cannot_be_initialised_anew_is_refused():
    with pytest.raises(BadInput, match=r"Stubborn \(Stubborn\) holds parameters but has no reset_parameters"):
        model_builder(Stubborn(), SHAPE, CLASSES)
    assert independent(model_builder(Stubborn, SHAPE, CLASSES))


def test_attention_is_initialised_anew_by_its_own_method():
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.MultiheadAttention(4, 2)

    assert independent(model_builder(Attention(), SHAPE, CLASSES))


def test_a_function_that_returns_the_same_module_is_refused():
    shared = net()
    build = model_builder(lambda: shared, SHAPE, CLASSES)
    build()
    with pytest.raises(BadInput, match="returned the same module twice"):
        build()


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (3, "the model is a int: give an nn.Module"),
        (lambda one: net(), "needs 1 arguments: it may take none, or"),
        (lambda: 3, "returned a int, not an nn.Module"),
        ({"layers": [{"type": "Linear", "out_features": 7}]}, "the last layer gives 7"),
    ],
)
def test_what_is_no_model_is_a_sentence(model, sentence):
    with pytest.raises(BadInput, match=sentence):
        model_builder(model, SHAPE, CLASSES)()
