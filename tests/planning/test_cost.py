import pytest

from fakes.planning import card, goal
from seedbed.api.goal import Constraint, Deadlines, Resources
from seedbed.api.training import Training
from seedbed.planning import cost
from seedbed.planning.cost import Cost, Limits, estimate
from seedbed_runner.contract.layers import resolve
from seedbed_runner.contract.records import Card

LAYERS = [
    {"type": "Linear", "out_features": 100},
    {"type": "ReLU"},
    {"type": "Linear", "out_features": "classes"},
]


def of(training, gpus=0):
    """A small MLP on 1,000 rows of 20 features: 2,000 + 1,000 multiply-adds an item, 210 values kept."""
    data = Card.from_dict(card("tabular", (20,), 10, 1000))
    return estimate(resolve(LAYERS, (20,), 10), training, data, gpus)


def test_by_hand():
    found = of(Training(epochs=7, batch_size=64))
    steps = 7 * 16  # ⌈1,000 / 64⌉ = 16 a pass
    arithmetic = 3 * 3000 * 1000 * 7 / cost.CORE_MULTIPLY_ADDS
    overhead = steps * (cost.STEP_SECONDS + 3 * cost.LAYER_SECONDS)
    assert found.parameters == 2100 + 1010
    assert found.seconds == pytest.approx(cost.START_SECONDS + arithmetic + overhead)
    rows = 1000 + 333 + 333
    values = 5 * 3110 + 2 * rows * 20 + 2 * 512 * 100
    assert found.memory == cost.PROCESS_BYTES + 4 * values


def test_large_batches_need_memory_and_gpus_save_time():
    assert of(Training(batch_size=4096)).memory > of(Training(batch_size=64)).memory
    assert of(Training(), gpus=1).seconds < of(Training()).seconds


def test_limits_are_the_goals():
    asked = goal(
        constraints=[Constraint(metric="parameters", max=900), Constraint(metric="parameters", max=800)],
        deadlines=Deadlines(run="1m30s"),
        resources=Resources(memory="1Gi"),
    )
    limits = Limits.of(asked)
    assert limits == Limits(parameters=800, seconds=90, memory=2**30)
    assert str(limits) == "90 s and 1024 MiB a run, 800 parameters"
    assert limits.allow(Cost(800, 90, 2**30))
    for beyond in (Cost(801, 90, 2**30), Cost(800, 91, 2**30), Cost(800, 90, 2**30 + 1)):
        assert not limits.allow(beyond)


def test_without_a_constraint_any_number_of_parameters_is_allowed():
    assert Limits.of(goal()).allow(Cost(1e9, 1, 1))
    assert "parameters" not in str(Limits.of(goal()))
