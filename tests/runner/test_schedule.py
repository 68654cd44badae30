import math
from typing import Any

import pytest
import torch

from seedbed.api.training import Schedule
from seedbed_runner.schedule import factor


def factors(epochs: int, steps: int, **schedule: Any) -> list[float]:
    document = Schedule.model_validate(schedule).document()
    return [factor(step, document, epochs, steps) for step in range(epochs * steps)]


def test_values_by_hand() -> None:
    assert factors(2, 2, type="Constant") == [1, 1, 1, 1]
    assert factors(2, 2, type="Cosine") == pytest.approx(
        [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2]
    )
    assert factors(5, 1, type="Step", stepEpochs=2, gamma=0.5) == [1, 1, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("kind", ["Constant", "Cosine", "OneCycle", "Step"])
def test_a_warm_up_rises_linearly_and_the_rest_follows_after(kind: str) -> None:
    warmed = factors(4, 5, type=kind, warmupEpochs=1, stepEpochs=1)
    assert warmed[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert warmed[5:] == pytest.approx(factors(3, 5, type=kind, stepEpochs=1))


def test_a_warm_up_as_long_as_the_training() -> None:
    assert factors(2, 2, warmupEpochs=2) == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize(("kind", "steps"), [("Cosine", 200), ("OneCycle", 200)])
def test_shapes_are_those_of_torch(kind: str, steps: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    theirs = (
        torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
        if kind == "Cosine"
        else torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=steps)
    )
    for ours in factors(steps, 1, type=kind):
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], abs=0.02)  # theirs peaks a step earlier
        optimizer.step()
        theirs.step()
