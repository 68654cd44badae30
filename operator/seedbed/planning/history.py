"""What the search planner knows of a goal's earlier proposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from seedbed.planning.contract import Proposal, ProposalRequest, Tried
from seedbed.planning.dimensions import Settings, Space
from seedbed.planning.space import as_before

MEMO = "settings"  # where a proposal's memo holds what it was made of
UNUSABLE = frozenset(
    {"Failed", "SeedMissing", "ConstraintBroken", "Blocked"}
)  # outcomes that no score makes up for


@dataclass(frozen=True)
class History:
    """The earlier proposals of a request, seen from a space."""

    request: ProposalRequest
    space: Space

    def proposals(self) -> list[Proposal]:
        """All before this one, whether their outcome is known or not, in order."""
        return [*(tried.proposal for tried in self.request.history), *self.request.pending]

    def outcomes(self) -> list[tuple[Settings, float]]:
        """Settings and score of each proposal that this planner made.

        Failures, and proposals whose outcome is not known yet, count as worse than the worst score seen: the
        sampler shall keep away from both.
        """
        scores = [score(tried) for tried in self.request.history]
        worst = min((known for known in scores if known is not None), default=0.0) - 1.0
        scores += [None] * len(self.request.pending)
        noted = [self.settings_of(proposal) for proposal in self.proposals()]
        pairs: Sequence[tuple[Settings | None, float | None]] = list(zip(noted, scores, strict=True))
        return [(own, worst if known is None else known) for own, known in pairs if own is not None]

    @cached_property
    def known(self) -> int:
        """How many outcomes there are to learn from."""
        return sum(self.settings_of(tried.proposal) is not None for tried in self.request.history)

    def settings_of(self, proposal: Proposal) -> Settings | None:
        """What this planner noted of a proposal; None where another one made it, or for another space."""
        noted = proposal.memo.get(MEMO)
        if not isinstance(noted, dict):
            return None
        noted = {**as_before(self.space), **noted}
        if set(noted) != set(self.space):
            return None
        settings = {name: dimension.read(noted[name]) for name, dimension in self.space.items()}
        return None if None in settings.values() else settings

    def best(self) -> Tried | None:
        """The experiment with the best mean; of equal ones the first."""
        scored = [(known, tried) for tried in self.request.history if (known := score(tried)) is not None]
        return max(scored, key=lambda pair: pair[0])[1] if scored else None


def score(tried: Tried) -> float | None:
    """How far it is beyond the target on validation; None for what can't be nominated."""
    return None if tried.line.outcome in UNUSABLE else tried.line.merit
