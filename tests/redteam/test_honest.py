"""What the seal must leave alone: honest training gives the same bits with it and without it."""

from typing import Any

import pytest

from fakes.sources import MLP
from runner.conftest import MLP as LAYERS

pytestmark = pytest.mark.slow
STOPPING = {"epochs": 5, "earlyStopping": {"patience": 2, "fraction": 0.2}}
OPTIMIZER = """

def build_optimizer(model, lr, weight_decay):
    import torch

    return torch.optim.Adamax(model.parameters(), lr=lr, weight_decay=weight_decay)


def augment(inputs):
    import torch

    return inputs + 0.01 * torch.randn_like(inputs)
"""


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


def test_a_sealed_run_starts_in_well_under_a_second(arena: Any) -> None:
    fought = arena.fight(str, "honest", model={"layers": LAYERS})
    assert fought.record.train_seconds < 1.5  # training and all, on a machine that does other things too
