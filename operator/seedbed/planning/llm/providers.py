"""The model servers that a world's owner set up, and the one that a goal asks.

A goal names a provider and may choose one of the models that its owner offers; it never says where a server
is. The commands of a laptop ask here before anything starts, the LLM planner at each call, because the
owner's settings may change while a goal is under way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seedbed.api.common import Name
from seedbed.api.goal import PlannerSpec
from seedbed.planning.llm.failures import ModelNotOffered, NoSuchProvider
from seedbed.planning.llm.provider import Provider


@dataclass(frozen=True)
class Providers:
    """Model servers by the name that goals know them by."""

    by_name: Mapping[Name, Provider] = field(default_factory=dict)

    def of(self, planner: PlannerSpec) -> Provider:
        """The provider that a goal's planner names; its `model` is the one that the goal asks for.

        Raises:
            NoSuchProvider: the owner set up none of that name.
            ModelNotOffered: there is one, but not for that model.
        """
        provider = self.by_name.get(planner.provider)
        if provider is None:
            there = f"there are: {', '.join(sorted(self.by_name))}" if self.by_name else "there is none"
            raise NoSuchProvider(f"spec.planner.provider: no provider {planner.provider} is set up; {there}")
        if planner.model is None:
            return provider
        if planner.model not in provider.offered:
            raise ModelNotOffered(
                f"spec.planner.model: provider {planner.provider} does not offer {planner.model!r}; "
                f"it offers: {', '.join(provider.offered)}"
            )
        return provider.model_copy(update={"model": planner.model})
