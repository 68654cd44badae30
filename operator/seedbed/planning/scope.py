"""What the search planner may propose for a goal: the space, and which of its settings the limits allow."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

from seedbed.api.goal import GoalSpec
from seedbed.planning.cost import Cost, Limits, estimate
from seedbed.planning.defaults import defaults, smaller, smallest
from seedbed.planning.dimensions import Settings, Space
from seedbed.planning.space import FAMILIES_OF, SMALLEST_FAMILY, model_of, space, training_of
from seedbed_runner.contract.layers import LayerError, resolve
from seedbed_runner.contract.records import Card

DEAREST = 10.0  # a candidate may be expected to take this many times as long as the first default


@dataclass(frozen=True)
class Scope:
    """A goal on its data, and what follows from both."""

    goal: GoalSpec
    card: Card

    @cached_property
    def limits(self) -> Limits:
        """The goal's own, and a bound on time that keeps the search of a small dataset short."""
        own = Limits.of(self.goal)
        costs = (self._cost(settings) for settings in smaller(defaults(self.card)[0]))
        first = next((cost for cost in costs if own.allow(cost)), None)
        return replace(own, seconds=min(own.seconds, DEAREST * first.seconds)) if first else own

    @cached_property
    def space(self) -> Space:
        """With the families whose smallest model the limits allow."""
        least = smallest(self.card)
        fitting = [name for name in FAMILIES_OF[self.card.kind] if self.affordable(least[name])]
        families = fitting or [SMALLEST_FAMILY[self.card.kind]]
        return space(self.card, families, self.goal.objective.metric)

    def affordable(self, settings: Settings) -> bool:
        """Whether the limits allow a run of these settings."""
        return self.limits.allow(self._cost(settings))

    def _cost(self, settings: Settings) -> Cost:
        layers = model_of(settings, self.card).layers
        assert layers is not None
        try:
            plan = resolve(layers, self.card.input_shape, self.card.classes, self.card.vocabulary)
        except LayerError:  # the families fit any data of their kind: only the size can be beyond all limits
            return Cost(math.inf, math.inf, math.inf)
        return estimate(plan, training_of(settings), self.card, self.goal.resources.gpus)
