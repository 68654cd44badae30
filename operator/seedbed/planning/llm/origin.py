"""How each proposal of a goal with a planning LLM came to be: worked out from its calls, for people.

The engine decides by its status alone; this is told afterwards, from what the journal keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.planning.contract import Proposal
from seedbed.planning.history import MEMO
from seedbed.planning.llm.entries import Journal, label
from seedbed.planning.llm.journal import Call, Replied


@dataclass(frozen=True)
class Origin:
    """Where one proposal comes from.

    Attributes:
        index: of the proposal.
        calls: those made for it, in their order.
        unsent: those for it that failed before they were sent.
        answer: the call whose answer holds it; an answer may hold proposals that follow too.
        made: there is such a proposal.
        searched: the search planner proposed it.
    """

    index: int
    calls: tuple[Call, ...]
    unsent: tuple[Replied, ...]
    answer: Call | None
    made: bool
    searched: bool

    @property
    def never_sent(self) -> tuple[int, ...]:
        """Numbers of calls that were claimed, and of which nothing was kept."""
        made = {call.prompted.call for call in self.calls} | {each.call for each in self.unsent}
        return tuple(sorted(set(range(1, max(made, default=0))) - made))


def origins(journal: Journal, proposals: Mapping[int, Proposal]) -> dict[int, Origin]:
    """The origin of each proposal that was asked for or made, by its index.

    Args:
        journal: of the goal.
        proposals: as they were stored, by index.
    """
    answers: dict[int, Call] = {}
    for call in journal.calls:
        if call.replied is not None and call.replied.outcome == "Proposed":
            first = call.prompted.index
            answers |= {first + offset: call for offset in range(len(call.replied.proposals))}
    asked = {call.prompted.index for call in journal.calls} | {each.index for each in journal.unsent}
    return {
        index: _origin(index, journal, answers.get(index), proposals.get(index))
        for index in sorted(asked | answers.keys() | proposals.keys())
    }


def _origin(index: int, journal: Journal, answer: Call | None, proposal: Proposal | None) -> Origin:
    searched = proposal is not None and MEMO in proposal.memo
    return Origin(
        index,
        calls=tuple(call for call in journal.calls if call.prompted.index == index),
        unsent=tuple(each for each in journal.unsent if each.index == index),
        answer=None if searched else answer,
        made=proposal is not None,
        searched=searched,
    )


def in_words(origin: Origin) -> str:
    """`the model's answer (e001-02) after e001-01 failed (RateLimited: …)`; it quotes models and servers."""
    if origin.searched:
        return f"the search planner proposed it, since {_why_not(origin)}"
    answer = origin.answer
    if answer is None:
        return "nothing is kept of the call it came from" if origin.made else _without_proposal(origin)
    name = label(answer.prompted.index, answer.prompted.call)
    if answer.prompted.index != origin.index:
        return f"from the model's answer for experiment {answer.prompted.index} ({name})"
    repaired = "second answer, repaired" if answer.prompted.turn == "Repair" else "answer"
    before = _in_vain(origin, answer.prompted.call)
    told = f" after {'; '.join(before)}" if before else ""
    return f"the model's {repaired} ({name}){told}"


def _why_not(origin: Origin) -> str:
    return "; ".join(_in_vain(origin)) or "no call was made for it, as when too few tokens are left"


def _without_proposal(origin: Origin) -> str:
    last = origin.calls[-1].replied if origin.calls else None
    if last is not None and last.outcome == "Stopped":
        return f"the model stopped the search: {last.stop}"
    return f"no proposal: {_why_not(origin)}"


def _in_vain(origin: Origin, until: int | None = None) -> list[str]:
    """What became of each call that brought no proposal, in their order; `until` a call, or of all."""
    became = {call.prompted.call: _became(call.replied) for call in origin.calls}
    became |= {each.call: _became(each) for each in origin.unsent}
    return [
        f"{label(origin.index, call)} {became[call]}"
        for call in sorted(became)
        if until is None or call < until
    ]


def _became(replied: Replied | None) -> str:
    if replied is None:
        return "had no answer"
    if replied.outcome == "Invalid":
        return f"could not be used ({'; '.join(replied.problems)})"
    if replied.outcome == "Failed":
        return f"failed ({replied.reason}: {replied.message})"
    return "was answered"
