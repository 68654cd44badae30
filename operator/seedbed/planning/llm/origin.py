"""How each proposal of a goal with a planning LLM came to be: worked out from its calls, for people.

The engine decides by its status alone; this is told afterwards, from what the journal keeps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seedbed.planning.contract import Proposal
from seedbed.planning.history import MEMO
from seedbed.planning.llm.entries import label
from seedbed.planning.llm.journal import Call


@dataclass(frozen=True)
class Origin:
    """Where one proposal comes from.

    Attributes:
        index: of the proposal.
        calls: those made for it, in their order.
        answer: the call whose answer holds it; an answer may hold proposals that follow too.
        made: there is such a proposal.
        searched: the search planner proposed it.
    """

    index: int
    calls: tuple[Call, ...]
    answer: Call | None
    made: bool
    searched: bool

    @property
    def never_sent(self) -> tuple[int, ...]:
        """Numbers of calls that were claimed, and of which not even the prompt was kept."""
        made = {call.prompted.call for call in self.calls}
        return tuple(sorted(set(range(1, max(made, default=0))) - made))


def origins(calls: Iterable[Call], proposals: Mapping[int, Proposal]) -> dict[int, Origin]:
    """The origin of each proposal that was asked for or made, by its index.

    Args:
        calls: of the goal, in any order.
        proposals: as they were stored, by index.
    """
    made: dict[int, list[Call]] = {}
    answers: dict[int, Call] = {}
    for call in sorted(calls, key=lambda call: (call.prompted.index, call.prompted.call)):
        index = call.prompted.index
        made.setdefault(index, []).append(call)
        if call.replied is not None and call.replied.outcome == "Proposed":
            answers |= {index + offset: call for offset in range(len(call.replied.proposals))}
    return {
        index: _origin(index, made.get(index, []), answers.get(index), proposals.get(index))
        for index in sorted({*made, *answers, *proposals})
    }


def _origin(index: int, calls: list[Call], answer: Call | None, proposal: Proposal | None) -> Origin:
    searched = proposal is not None and MEMO in proposal.memo
    return Origin(index, tuple(calls), None if searched else answer, proposal is not None, searched)


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
    before = [_became(call) for call in origin.calls if call.prompted.call < answer.prompted.call]
    told = f" after {'; '.join(before)}" if before else ""
    return f"the model's {repaired} ({name}){told}"


def _why_not(origin: Origin) -> str:
    return "; ".join(map(_became, origin.calls)) or "no call was made for it"


def _without_proposal(origin: Origin) -> str:
    last = origin.calls[-1].replied if origin.calls else None
    if last is not None and last.outcome == "Stopped":
        return f"the model stopped the search: {last.stop}"
    return f"no proposal: {_why_not(origin)}"


def _became(call: Call) -> str:
    """What became of a call that brought no proposal."""
    name, replied = label(call.prompted.index, call.prompted.call), call.replied
    if replied is None:
        return f"{name} had no answer"
    if replied.outcome == "Invalid":
        return f"{name} could not be used ({'; '.join(replied.problems)})"
    if replied.outcome == "Failed":
        return f"{name} failed ({replied.reason}: {replied.message})"
    return f"{name} was answered"
