"""From the text of a reply to an answer that can be used, or to the sentences that say why it can't.

Every mistake is found at once, as far as the form allows, because there is only one further turn (`repair`).
"""

from dataclasses import dataclass

from pydantic import ValidationError

from seedbed.api.mistakes import sentences
from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm.answer import Answer
from seedbed.planning.llm.checking import problems
from seedbed.planning.llm.extract import Unreadable, json_object
from seedbed.planning.llm.offer import Offer
from seedbed.planning.llm.quoting import one_line

MAX_PROBLEMS = 8
LONGEST_PROBLEM = 300  # characters


@dataclass(frozen=True)
class Reading:
    """What a reply came to: an answer, or one sentence a mistake; never both."""

    answer: Answer | None
    problems: tuple[str, ...] = ()


def read(text: str, request: ProposalRequest, offer: Offer) -> Reading:
    """Read a reply to `request`.

    Args:
        text: of the reply, in any of the three modes (strict schema, JSON, a fenced block).
        request: what was asked.
        offer: what the answer may choose from.
    """
    try:
        answer = Answer.model_validate(json_object(text), strict=True)
    except Unreadable as error:
        return _refused([str(error)])
    except ValidationError as error:
        return _refused(sentences(Answer, error))
    found = problems(answer.proposals, request, offer)
    return _refused(found) if found else Reading(answer)


def _refused(found: list[str]) -> Reading:
    """The sentences quote what was answered, so they are cleaned like everything that others wrote."""
    kept = [one_line(sentence, LONGEST_PROBLEM) for sentence in found[:MAX_PROBLEMS]]
    if len(found) > MAX_PROBLEMS:
        kept.append(f"and {len(found) - MAX_PROBLEMS} further mistakes")
    return Reading(None, tuple(kept))
