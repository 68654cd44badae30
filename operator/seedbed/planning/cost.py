"""What a run of a configuration is expected to cost, and whether a goal's limits allow it.

The estimates keep absurd candidates out before they are started. They are cautious and promise nothing: the
deadline and the memory limit themselves are enforced where the run is.
"""

import math
from dataclasses import dataclass
from typing import Self

from seedbed.api.common import memory_bytes, seconds
from seedbed.api.goal import GoalSpec
from seedbed.api.training import Training
from seedbed_runner.contract.layers import Plan
from seedbed_runner.contract.records import Card

# In training, small models reach 7 to 15 billion multiply-adds a second on one core of a server.
CORE_MULTIPLY_ADDS = 4e9
GPU_MULTIPLY_ADDS = 4e11
STEP_SECONDS = 0.002  # of an optimizer step, whatever the model
LAYER_SECONDS = 0.0002  # of a layer in an optimizer step, forward and backward
START_SECONDS = 3.0  # reading the data, building the model, predictions
PASSES = 3  # a backward pass costs as much as two forward ones
PROCESS_BYTES = 450 * 2**20  # Python and PyTorch with nothing to do
WEIGHT_COPIES = 5  # weights, gradients, two moments, the best weights of early stopping
PREDICTION_ROWS = 512  # of a batch when predicting
VALUE_BYTES = 4


@dataclass(frozen=True)
class Cost:
    """Of one run: trainable parameters, seconds, bytes of memory."""

    parameters: float
    seconds: float
    memory: float


def estimate(plan: Plan, training: Training, card: Card, gpus: int = 0) -> Cost:
    """The cost of training `plan` once with one CPU thread, or one GPU."""
    items = card.sizes["train"]
    steps = training.epochs * math.ceil(items / training.batch_size)
    rate = GPU_MULTIPLY_ADDS if gpus else CORE_MULTIPLY_ADDS
    arithmetic = PASSES * plan.multiply_adds * items * training.epochs / rate
    overhead = steps * (STEP_SECONDS + LAYER_SECONDS * plan.layers)
    return Cost(
        parameters=plan.parameters,
        seconds=START_SECONDS + arithmetic + overhead,
        memory=PROCESS_BYTES + VALUE_BYTES * _values_held(plan, training, card),
    )


def _values_held(plan: Plan, training: Training, card: Card) -> int:
    """Numbers in memory at the worst moment: weights, the data twice, activations with their gradients."""
    data = 2 * sum(card.sizes.values()) * math.prod(card.input_shape)
    in_training = 2 * training.batch_size * plan.activations_kept
    in_prediction = 2 * PREDICTION_ROWS * plan.activations
    return WEIGHT_COPIES * plan.parameters + data + max(in_training, in_prediction)


@dataclass(frozen=True)
class Limits:
    """The most that a goal's runs may cost."""

    parameters: float
    seconds: float
    memory: float

    @classmethod
    def of(cls, goal: GoalSpec) -> Self:
        """The goal's own: its constraints, the deadline and the memory of one run."""
        parameters = [bound.max for bound in goal.constraints if bound.metric == "parameters"]
        return cls(
            parameters=min(parameters, default=math.inf),
            seconds=seconds(goal.deadlines.run),
            memory=memory_bytes(goal.resources.memory),
        )

    def allow(self, cost: Cost) -> bool:
        """Whether the cost stays within."""
        return (
            cost.parameters <= self.parameters and cost.seconds <= self.seconds and cost.memory <= self.memory
        )

    def __str__(self) -> str:
        bound = f", {self.parameters:,.0f} parameters" if math.isfinite(self.parameters) else ""
        return f"{self.seconds:g} s and {self.memory / 2**20:.0f} MiB a run{bound}"
