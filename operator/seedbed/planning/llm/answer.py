"""What a language model answers: proposals, or a reason to stop. `reading` makes one of a reply's text.

The models here take what `schema` asks for and a little more: servers without strict schemas may leave out
what has a default, and write `batch_size` for `batchSize`.
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from seedbed.api.common import MAX_EXPERIMENTS, Model
from seedbed.api.goal import Resources
from seedbed.api.training import ModelSpec, Training
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.quoting import one_line

MAX_BATCH = 32

# A text that is a little long is cut to what a resource takes: no reason to ask again.
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class AnsweredModel(ModelSpec):
    """What to train, as a resource says it; only that arguments of layers may be null."""

    def spec(self) -> ModelSpec:
        """As an Experiment has it; a null argument of a layer means its default, so it is left out."""
        document = self.document()
        if self.layers is not None:
            document["layers"] = without_nulls(self.layers)
        return ModelSpec.model_validate(document)


class Proposed(Model):
    """One experiment that the model wants, and why.

    `change` is the single change against `parent`; without a parent it says what the experiment is.
    """

    hypothesis: Text
    parent: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)] | None = None
    change: Text
    expected_effect: Text
    model: AnsweredModel
    training: Training
    resources: Resources | None = Field(default=None, description="null: what the goal gives every run.")

    def proposal(self, tokens: int = 0) -> Proposal:
        """As the engine takes it.

        Args:
            tokens: what asking for it cost.
        """
        return Proposal(
            hypothesis=one_line(self.hypothesis, 1000),
            parent=self.parent,
            change=one_line(self.change, 500),
            expected_effect=one_line(self.expected_effect, 500),
            model=self.model.spec(),
            training=self.training,
            resources=self.resources,
            tokens=tokens,
        )


class Answer(Model):
    """A whole answer: experiments to try next, or the reason why there is nothing worth trying.

    To stop ends the search. It never decides the goal.
    """

    proposals: Annotated[list[Proposed], Field(max_length=MAX_BATCH)] = Field(default_factory=list)
    stop: Text | None = Field(default=None, description="Why nothing more is worth trying, or null.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Answer":
        if bool(self.proposals) == (self.stop is not None):
            raise ValueError("give `proposals`, or `stop` with a reason and no proposals")
        return self


def without_nulls(value: Any) -> Any:
    """A JSON value with the fields that are null left out, at any depth."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
