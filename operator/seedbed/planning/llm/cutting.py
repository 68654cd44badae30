"""What of the past goes first when a prompt would be too long.

In this order, and no more than is needed:

1. configurations of the runners-up, the lesser one first;
2. configurations of experiments under way, oldest first;
3. what changed and why it failed, in words, oldest experiment first; then whole rows of the table, oldest
   first (one line says what became of them together);
4. the same of the runners-up and of the latest `LATEST` experiments;
5. the experiments under way, oldest first;
6. of the best experiment its words, then its configuration. Its row stays.

So what a next step builds on stays longest, and numbers outlive words.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm.past import ranked

LATEST = 10

Kind = Literal["configuration", "texts", "row"]
Cut = tuple[Kind, int]  # what, and the experiment's index

_IN_WORDS = {"configuration": "configurations", "texts": "texts", "row": "rows"}


def order(request: ProposalRequest) -> list[Cut]:
    """Everything that may be cut, first to last."""
    top = [one.line.index for one in ranked(request.history)]
    best, others = top[:1], top[1:]
    earlier = [one.line.index for one in request.history if one.line.index not in best]
    late = [index for i, index in enumerate(earlier, LATEST) if i >= len(earlier) or index in others]
    under_way = pending_indices(request)
    return [
        *_all("configuration", others[::-1]),
        *_all("configuration", under_way),
        *_all("texts", old := [index for index in earlier if index not in late]),
        *_all("row", old),
        *_all("texts", late),
        *_all("row", late),
        *_all("row", under_way),
        *_all("texts", best),
        *_all("configuration", best),
    ]


def _all(kind: Kind, indices: Sequence[int]) -> list[Cut]:
    return [(kind, index) for index in indices]


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
