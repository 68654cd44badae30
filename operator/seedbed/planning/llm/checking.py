"""What is wrong with an answer of the right form: the sentences that need the goal, the data and the history.

What can be known before anything is started is said here, so that a mistake costs a turn and not a run. What
a torchvision classifier or generated code costs is not known: the run's own limits bound it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seedbed.api.common import memory_bytes
from seedbed.api.goal import Resources
from seedbed.api.training import ModelSpec, Training
from seedbed.planning.contract import ProposalRequest
from seedbed.planning.cost import Limits, estimate
from seedbed.planning.llm.answer import AnsweredModel, Proposed
from seedbed.planning.llm.offer import Offer
from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.contract.layers import LayerError, Plan, Step, check, resolve, torchvision_classifier
from seedbed_runner.contract.records import Card


def problems(proposals: Sequence[Proposed], request: ProposalRequest, offer: Offer) -> list[str]:
    """Mistakes in proposals, one sentence each, with the path of what it is about."""
    checks = _Checks(request, offer)
    found = [f"proposals[{i}].{text}" for i, one in enumerate(proposals) for text in checks.of(one)]
    if len(proposals) > offer.batch:
        found.insert(0, f"proposals: there are {len(proposals)}: give at most {offer.batch}")
    return found or list(checks.repeats(proposals))


@dataclass(frozen=True)
class _Checks:
    """The checks of one request."""

    request: ProposalRequest
    offer: Offer

    @cached_property
    def card(self) -> Card:
        return self.request.read_card()

    def of(self, proposed: Proposed) -> Iterator[str]:
        """Mistakes in one proposal by itself."""
        yield from self._parent(proposed)
        yield from self._resources(proposed.resources)
        plan, mistakes = self._model(proposed.model)
        for mistake in mistakes:
            yield (
                f"model.{mistake}"
                if mistake.startswith(("layers", "torchvision", "source"))
                else f"model: {mistake}"
            )
        if plan is not None:
            yield from self._cost(plan, proposed)

    def _parent(self, proposed: Proposed) -> Iterator[str]:
        latest = self.request.index - 1
        if proposed.parent is not None and proposed.parent > latest:
            there = f"there are 1 to {latest}" if latest else "there is none yet"
            yield f"parent: no experiment {proposed.parent}: {there}; null for a fresh start"

    def _resources(self, asked: Resources | None) -> Iterator[str]:
        if asked is None:
            return
        caps = self.offer.caps
        if caps is None:
            yield "resources: what a run gets is fixed by the goal: write null"
            return
        for name, own, most in (("gpus", asked.gpus, caps.gpus), ("cpu", asked.cpu, caps.cpu)):
            if own > most:
                yield f"resources.{name}: {own:g} is more than a run may have: at most {most:g}"
        if memory_bytes(asked.memory) > memory_bytes(caps.memory):
            yield f"resources.memory: {asked.memory} is more than a run may have: at most {caps.memory}"

    def _model(self, model: AnsweredModel) -> tuple[Plan | None, list[str]]:
        """The resolved layers, where there are any without mistakes, and the mistakes."""
        if model.source is not None:
            return None, [f"source: {text}" for text in self._code(model.source)]
        spec = model.spec()
        if spec.layers is not None and (mistakes := check(spec.layers)):
            return None, mistakes
        try:
            return _plan(spec, self.card), []
        except LayerError as error:
            return None, [str(error)]

    def _code(self, source: str) -> Sequence[str]:
        if self.offer.code is None:
            return ["code is not taken for this goal: write layers"]
        return self.offer.code.check(source)

    def _cost(self, plan: Plan, proposed: Proposed) -> Iterator[str]:
        resources = proposed.resources or self.request.goal.resources
        goal = self.request.goal.model_copy(update={"resources": resources})
        cost, limits = estimate(plan, proposed.training, self.card, resources.gpus), Limits.of(goal)
        if cost.parameters > limits.parameters:
            yield f"model: {cost.parameters:,.0f} parameters, at most {limits.parameters:,.0f} are allowed"
        if cost.seconds > limits.seconds:
            yield (
                f"training: a run is estimated at {cost.seconds:,.0f} s, at most {limits.seconds:,.0f} s are "
                "allowed: fewer epochs, or a smaller model"
            )
        if cost.memory > limits.memory:
            yield (
                f"model: a run is estimated at {cost.memory / 2**20:,.0f} MiB, at most "
                f"{limits.memory / 2**20:,.0f} MiB are allowed: a smaller model or batch size"
            )

    def repeats(self, proposals: Sequence[Proposed]) -> Iterator[str]:
        """Proposals that are the same as an earlier one, or as another of this answer."""
        tried = [*(one.proposal for one in self.request.history), *self.request.pending]
        known = {
            identity(one.model, one.training, self.card): f"experiment {i}" for i, one in enumerate(tried, 1)
        }
        for i, one in enumerate(proposals):
            own = identity(one.model.spec(), one.training, self.card)
            if own in known:
                yield f"proposals[{i}]: the same model and training as {known[own]}: propose another"
            known.setdefault(own, f"proposals[{i}]")


def identity(model: ModelSpec, training: Training, card: Card) -> str:
    """Equal for configurations that train the same, however their defaults and repeats are written."""
    if model.layers is None:
        return content_hash([model.document(), training.document()])
    plan = resolve(model.layers, card.input_shape, card.classes, card.vocabulary)
    return content_hash([[_canonical(step) for step in plan.steps], training.document()])


def _canonical(step: Step) -> list[Any]:
    return [step.type, step.arguments, [_canonical(part) for part in step.body]]


def _plan(spec: ModelSpec, card: Card) -> Plan | None:
    """The resolved layers; None for a classifier, once it is sure that it fits.

    Raises:
        LayerError: the model can't take the data.
    """
    if spec.layers is not None:
        return resolve(spec.layers, card.input_shape, card.classes, card.vocabulary)
    assert spec.torchvision is not None
    torchvision_classifier(spec.torchvision.name, card.input_shape)
    return None
