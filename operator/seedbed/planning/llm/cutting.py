"""What of the past goes first when a prompt would be too long.

In this order, and no more than is needed:

1. configurations of the runners-up, the lesser one first;
2. configurations of experiments under way, oldest first;
3. what changed and why it failed, in words, oldest experiment first;
4. whole rows of the table, oldest first (one line says what became of them together);
5. the experiments under way, oldest first;
6. of the best experiment its words, then its configuration. Its row stays.

Numbers so outlive words, late experiments early ones, and the best all others.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm.past import ranked

Kind = Literal["configuration", "texts", "row"]
Cut = tuple[Kind, int]  # what, and the experiment's index

_IN_WORDS = {"configuration": "configurations", "texts": "texts", "row": "rows"}


def order(request: ProposalRequest) -> list[Cut]:
    """Everything that may be cut, first to last."""
    best, *others = [one.line.index for one in ranked(request.history)] or [None]
    earlier = [one.line.index for one in request.history if one.line.index != best]
    under_way = pending_indices(request)
    cuts: list[Cut] = [("configuration", index) for index in reversed(others) if index is not None]
    cuts += [("configuration", index) for index in under_way]
    cuts += [("texts", index) for index in earlier]
    cuts += [("row", index) for index in earlier]
    cuts += [("row", index) for index in under_way]
    return cuts if best is None else [*cuts, ("texts", best), ("configuration", best)]


def pending_indices(request: ProposalRequest) -> list[int]:
    """The experiments whose outcome is not known to this request."""
    return list(range(request.index - len(request.pending), request.index))


def fewest(cuts: Sequence[Cut], fits: Callable[[frozenset[Cut]], bool]) -> frozenset[Cut] | None:
    """The shortest beginning of `cuts` with which it fits; None if it does not with all of them."""
    low, high = 0, len(cuts)
    if not fits(frozenset(cuts)):
        return None
    while low < high:  # `high` always fits
        middle = (low + high) // 2
        low, high = (low, middle) if fits(frozenset(cuts[:middle])) else (middle + 1, high)
    return frozenset(cuts[:high])


def in_words(cut: frozenset[Cut]) -> tuple[str, ...]:
    """`rows: 40 (experiments 1 to 41)`, one for each kind."""
    found = {kind: sorted(index for one, index in cut if one == kind) for kind in _IN_WORDS}
    return tuple(
        f"{_IN_WORDS[kind]}: {len(indices)} (experiments {indices[0]} to {indices[-1]})"
        for kind, indices in found.items()
        if indices
    )
