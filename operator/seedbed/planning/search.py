"""`SearchPlanner`: proposes experiments without an LLM, by defaults first and then by Optuna.

Asked by the reconciler, once a proposal. It keeps nothing between calls: what it knows is the request, so the
same request gives the same proposal, to the byte, in any process.
"""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from seedbed.api.training import ModelSpec, Training
from seedbed.errors import PlannerFailed
from seedbed.planning import wording
from seedbed.planning.contract import Proposal, ProposalRequest
from seedbed.planning.cost import Limits
from seedbed.planning.defaults import defaults, smaller
from seedbed.planning.dimensions import Settings
from seedbed.planning.history import MEMO, History
from seedbed.planning.scope import Scope
from seedbed.planning.space import as_before, model_of, training_of
from seedbed.planning.wording import Origin
from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.contract.records import Card

STARTUP = 6  # with fewer outcomes than this, draws are blind
SUGGESTIONS = 40  # asked of the sampler until one is new and within the limits
DRAWS = 400  # the same, at random, when the sampler has none


class SearchPlanner:
    """The planner that needs no LLM, and the fallback of the one that does."""

    def propose(self, request: ProposalRequest) -> Proposal:
        """The next experiment to try: new, and within the goal's limits.

        Raises:
            PlannerFailed: there is none.
        """
        return _Search(request).proposal()


@dataclass(frozen=True)
class _Search:
    """One request, and what follows from it."""

    request: ProposalRequest

    @cached_property
    def card(self) -> Card:
        return self.request.read_card()

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.request.goal, self.card)

    @cached_property
    def history(self) -> History:
        return History(self.request, self.scope.space)

    def proposal(self) -> Proposal:
        taken = {_identity(known.model, known.training) for known in self.history.proposals()}
        for origin, settings in self.candidates():
            model, training = model_of(settings, self.card), training_of(settings)
            if _identity(model, training) not in taken and self.scope.affordable(settings):
                return self.worded(origin, settings, model, training)
        raise PlannerFailed(
            "the search planner knows no configuration that is new and within the goal's limits "
            f"({Limits.of(self.request.goal)}): raise these, or let the search end"
        )

    def candidates(self) -> Iterator[tuple[Origin, Settings]]:
        """What could be proposed, best first. The first that will do is taken."""
        rest = as_before(self.scope.space)
        for default in defaults(self.card):
            fitting = (settings for settings in smaller(default) if self.scope.affordable(settings))
            yield from (("default", {**settings, **rest}) for settings in itertools.islice(fitting, 1))
        if self.history.known >= STARTUP:
            from seedbed.planning.tpe import suggestions  # slow to import, and not needed before

            found = suggestions(self.scope.space, self.history.outcomes(), self.seed)
            yield from (("model", settings) for settings in itertools.islice(found, SUGGESTIONS))
        random = Random(self.seed)
        for _ in range(DRAWS):
            yield "random", {name: dimension.draw(random) for name, dimension in self.scope.space.items()}

    @property
    def seed(self) -> int:
        """Of this proposal's sampler: 32 bits of a hash of the goal's root and the index."""
        text = f"{self.request.goal.seeds.root}:{self.request.index}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    def worded(self, origin: Origin, settings: Settings, model: ModelSpec, training: Training) -> Proposal:
        parent, change = self.history.best(), ""
        if parent is not None:
            old = parent.proposal
            change = wording.difference(training, settings, old.training, self.history.settings_of(old))
        line = parent.line if parent else None
        metric = self.request.goal.objective.metric
        return Proposal(
            hypothesis=wording.hypothesis(origin, settings, self.card, self.history.known),
            parent=line.index if line else None,
            change=change,
            expected_effect=wording.expected_effect(origin, metric, line),
            model=model,
            training=training,
            memo={MEMO: dict(settings)},
        )


def _identity(model: ModelSpec, training: Training) -> str:
    """Equal for equal configurations."""
    return content_hash([model.document(), training.document()])
