"""What a planner is asked and what it answers.

The engine says *when* proposal k is made and which outcomes it may see (experiments 1 … k − parallel, by
index); the reconciler gathers them into a `ProposalRequest`, asks once, stores the answer, and makes the
Experiment of it. A planner decides nothing about the goal.
"""

from typing import Annotated, Any, Protocol

from pydantic import Field

from seedbed.api.common import Model
from seedbed.api.goal import GoalSpec, Resources
from seedbed.api.progress import ExperimentLine
from seedbed.api.training import ModelSpec, Training
from seedbed_runner.contract.records import Card


class Proposal(Model):
    """One experiment to try, and why.

    `memo` is the planner's own note to its later self (the search planner keeps its sampled parameters
    there); nobody else reads it. `tokens` is what the proposal cost.
    """

    hypothesis: Annotated[str, Field(max_length=1000)]
    parent: Annotated[int, Field(ge=1, le=200)] | None = Field(default=None, description="What it changes.")
    change: Annotated[str, Field(max_length=500)] = Field(default="", description="How it differs from that.")
    expected_effect: Annotated[str, Field(max_length=500)] = ""
    model: ModelSpec
    training: Training
    resources: Resources | None = Field(default=None, description="None: what the goal gives every run.")
    memo: dict[str, Any] = Field(default_factory=dict)
    tokens: Annotated[int, Field(ge=0)] = 0


class Tried(Model):
    """One earlier proposal with what became of it: validation scores only."""

    proposal: Proposal
    line: ExperimentLine


class ProposalRequest(Model):
    """All that proposal `index` may depend on.

    `history` holds experiments 1 … index − parallel in order; `pending` the proposals index − parallel + 1 …
    index − 1, whose outcomes are not known to this proposal however far they are by now.
    """

    index: Annotated[int, Field(ge=1)]
    goal: GoalSpec
    target: float | None = Field(default=None, description="Of the objective's metric, once it is known.")
    card: dict[str, Any]
    history: list[Tried]
    pending: list[Proposal]

    def read_card(self) -> Card:
        """The dataset's card."""
        return Card.from_dict(self.card)


class Planner(Protocol):
    """Proposes experiments. `propose` must depend on the request alone."""

    def propose(self, request: ProposalRequest) -> Proposal:
        """The next experiment to try.

        Raises:
            PlannerFailed: there is no usable proposal.
        """
        ...
