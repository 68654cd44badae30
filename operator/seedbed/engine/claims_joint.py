"""All of several targets at once: intersection-union at the same look (STATISTICS section 3).

Each target is tested at the full αₖ, and the goal is reached at a look where all of them pass. If one target
is missed in truth, the goal is claimed only when that target's own test errs, so at most with αₖ: nothing is
divided among targets (Berger 1982). All must pass at the *same* look: a target that passed at an earlier one
is judged again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed.engine.claims import LookResult
from seedbed.engine.claims_path import follow

Judge = Callable[[int], LookResult]


@dataclass(frozen=True)
class JointLook:
    """One look at the first `n` seeds under every target, in the order of the targets."""

    n: int
    parts: tuple[LookResult, ...]

    @property
    def decision(self) -> Literal["Achieved", "Futile", "Continue", "NotReached"]:
        """Achieved if every target is; Futile as soon as one of them is."""
        found = {part.decision for part in self.parts}
        if found == {"Achieved"}:
            return "Achieved"
        if "Futile" in found:
            return "Futile"
        return "NotReached" if "NotReached" in found else "Continue"

    @property
    def missed(self) -> tuple[int, ...]:
        """Positions of the targets that did not pass at this look."""
        return tuple(i for i, part in enumerate(self.parts) if part.decision != "Achieved")


def confirm_joint(judges: Sequence[Judge], available: int, planned: Sequence[int]) -> list[JointLook]:
    """The path of an attempt at all targets.

    Args:
        judges: for each target, what its own look at the first n seeds says, at the attempt's full αₖ.
        available: seeds for which every target has a score, counted from the first one without a gap.
        planned: the looks, the same for all targets.
    """
    return follow(available, planned, lambda n: JointLook(n, tuple(judge(n) for judge in judges)))
