"""What the seal must leave alone: honest training gives the same bits with it and without it."""

from typing import Any

import numpy as np
import pytest

from fakes.sources import MLP
from runner.conftest import MLP as LAYERS
from runner.conftest import Prepared
from runner.test_tasks import a_regression, prepared, some_images
from seedbed_runner.data import Source

pytestmark = pytest.mark.slow
STOPPING = {"epochs": 5, "earlyStopping": {"patience": 2, "fraction": 0.2}}
WORDS = [
    {"type": "Embedding", "embedding_dim": 8},
    {"type": "MaskedMeanPool"},
    {"type": "Linear", "out_features": "classes"},
]
VALUES = [{"type": "Linear", "out_features": 8}, {"type": "ReLU"}, {"type": "Linear", "out_features": 1}]
OPTIMIZER = """

def build_optimizer(model, lr, weight_decay):
    import torch

    return torch.optim.Adamax(model.parameters(), lr=lr, weight_decay=weight_decay)


def augment(inputs):
    import torch

    return inputs + 0.01 * torch.randn_like(inputs)
"""


def some_texts(rows: int = 120) -> Source:
    """Token ids, padded with 0 at their ends."""
    tokens = np.random.default_rng(2).integers(1, 30, size=(rows, 6)).astype(np.int32)
    tokens[::3, 4:] = 0
    return Source("Words", "text", tokens, np.arange(rows) % 2, 2, False, vocabulary=30)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"layers": LAYERS}},
        {"model": {"layers": LAYERS}, "threads": 2},
        {"model": {"layers": LAYERS}, "training": STOPPING},
        {"model": {"source": MLP}},
        {"model": {"source": MLP + OPTIMIZER}},
    ],
    ids=["layers", "two threads", "early stopping", "source", "source with optimizer and augmentation"],
)
def test_the_same_bits_with_the_seal_and_without(arena: Any, changes: dict[str, Any]) -> None:
    fought = [arena.fight(str, "honest", sealed=sealed, **changes) for sealed in (True, False)]
    sealed, unsealed = (one.record for one in fought)
    assert (sealed.outcome, unsealed.outcome) == ("Scored", "Scored"), (sealed.failure, unsealed.failure)
    assert sealed.seal["seccomp"] == "filtered" and unsealed.seal["seccomp"] == "none: switched off"
    assert sealed.hashes["weights"] == unsealed.hashes["weights"]
    assert sealed.hashes["predictions"] == unsealed.hashes["predictions"]


KINDS = {
    "pictures of bytes": (some_images, {"layers": [{"type": "Flatten"}, *LAYERS[1:]]}, "accuracy"),
    "torchvision": (some_images, {"torchvision": {"name": "mobilenet_v3_small"}}, "accuracy"),
    "texts": (some_texts, {"layers": WORDS}, "accuracy"),
    "regression on a table": (a_regression, {"layers": VALUES}, "rmse"),
}


@pytest.mark.parametrize(("source", "model", "metric"), KINDS.values(), ids=KINDS)
def test_every_kind_of_data_trains_to_the_same_bits(
    arena: Any, monkeypatch: Any, tmp_path: Any, source: Any, model: Any, metric: str
) -> None:
    folder, card = prepared(source(), tmp_path, monkeypatch)
    data = Prepared(folder, card)
    fought = [
        arena.fight(str, "honest", sealed=sealed, data=data, model=model, metric=metric)
        for sealed in (True, False)
    ]
    sealed, unsealed = (one.record for one in fought)
    assert (sealed.outcome, unsealed.outcome) == ("Scored", "Scored"), (sealed.failure, unsealed.failure)
    assert sealed.seal["seccomp"] == "filtered" and unsealed.seal["seccomp"] == "none: switched off"
    assert sealed.hashes["weights"] == unsealed.hashes["weights"]
    assert sealed.hashes["predictions"] == unsealed.hashes["predictions"]


def test_a_sealed_run_starts_in_well_under_a_second(arena: Any) -> None:
    fought = arena.fight(str, "honest", model={"layers": LAYERS})
    assert fought.record.train_seconds < 1.5  # training and all, on a machine that does other things too
