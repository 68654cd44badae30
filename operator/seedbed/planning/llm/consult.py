"""One turn with a planning LLM, without the call itself: its prompt, and what becomes of the answer.

Pure: `calls` makes the call between the two halves and stores both, `research-agent propose` shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.api.goal import GoalSpec, Resources
from seedbed.api.progress import Planning
from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm import repair
from seedbed.planning.llm.answer import Answer
from seedbed.planning.llm.failures import ModelFailure
from seedbed.planning.llm.journal import Call, Replied
from seedbed.planning.llm.offer import CodeRuns, Left, Offer, code_offer
from seedbed.planning.llm.prompt import Prompt, compose
from seedbed.planning.llm.reading import read
from seedbed.planning.llm.reply import Reply

LONGEST_ANSWER = 8_000  # tokens, reasoning included
LONGEST_STOP = 400  # characters of a reason to stop


def answer_tokens(per_call: int) -> int:
    """The most tokens that an answer may have where a call may cost `per_call`."""
    return min(LONGEST_ANSWER, per_call // 3)


def first_prompt(request: ProposalRequest, offer: Offer) -> Prompt:
    """The first turn's prompt, so short that the repair turn's is within the cost of a call too.

    Raises:
        PlannerFailed: it can't be that short.
    """
    per_call = request.goal.planner.tokens_per_call
    most = per_call - answer_tokens(per_call) - repair.most_tokens(0)
    return compose(request, offer, left(request), most)


def repair_prompt(earlier: Sequence[Call]) -> Prompt:
    """The second turn's: the latest answer that could not be used, with its mistakes."""
    refused = next(
        each for each in reversed(earlier) if each.replied and each.replied.outcome == "Invalid"
    )  # fmt: skip
    prompted, replied = refused.prompted, refused.replied
    assert replied is not None
    first = Prompt(tuple(prompted.messages), prompted.prompt_tokens, tuple(prompted.cut), prompted.version)
    return repair.repair(first, replied.text or "", replied.problems)


def offer_of(spec: GoalSpec, batch: int, caps: Resources | None, code: CodeRuns) -> Offer:
    """What an answer to this goal may hold.

    Args:
        spec: of the goal.
        batch: the most proposals.
        caps: the most that one run may ask for; None: what the goal gives every run is fixed.
        code: how code runs where the goal's runs do.
    """
    # The goal's budget of GPU hours is reserved by the goal's own number of GPUs.
    most = caps and caps.model_copy(update={"gpus": spec.resources.gpus})
    return Offer(batch, most, code_offer(code) if spec.planner.code and code != "refused" else None)


def left(request: ProposalRequest) -> Left:
    """What may still be spent, by what this proposal may see: never by the clock."""
    budget, past = request.goal.budget, request.history
    confirmed = sum(one.line.outcome in ("Confirmed", "ConfirmationFailed") for one in past)
    failed = sum(one.line.outcome in ("Failed", "SeedMissing") for one in past)
    spent = sum(one.proposal.tokens for one in past) + sum(one.tokens for one in request.pending)
    gpu_hours = sum(one.line.gpu_seconds for one in past) / 3600
    return Left(
        experiments=budget.experiments - request.index + 1,
        failures=budget.failures - failed,
        confirmations=budget.confirmations - confirmed,
        tokens=max(0, budget.tokens - spent),
        gpu_hours=max(0.0, budget.gpu_hours - gpu_hours),
    )


@dataclass(frozen=True)
class Turn:
    """Which call this is: the proposal asked for, and its number among the calls for that."""

    index: int
    call: int

    @classmethod
    def of(cls, planning: Planning) -> "Turn":
        """The one that a status claims."""
        return cls(planning.index, planning.call)

    def answered(self, reply: Reply, request: ProposalRequest, offer: Offer, at: float) -> Replied:
        """The record of a reply that came; what it proposes is checked here."""
        reading = read(reply.text, request, offer)
        common = Replied(
            index=self.index,
            call=self.call,
            outcome="Invalid",
            problems=list(reading.problems),
            text=reply.text,
            answered_by=reply.model,
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            estimated=reply.usage.estimated,
            latency=reply.latency,
            replied_at=at,
        )
        return common if reading.answer is None else common.model_copy(update=_answer(reading.answer))

    def failed(self, failure: ModelFailure, attempt: int, key: str, latency: float, at: float) -> Replied:
        """The record of a call that brought no usable reply.

        Args:
            failure: what it raised.
            attempt: how many calls in a row have failed so, this one counted.
            key: what waits are spread by.
            latency: in seconds.
            at: now, in seconds since the epoch.
        """
        reply, learned = failure.reply, getattr(failure, "capability", None)
        return Replied(
            index=self.index,
            call=self.call,
            outcome="Failed",
            reason=failure.reason,
            message=str(failure),
            advice=failure.advice,
            wait=failure.wait(attempt, key),
            learned=learned,
            text=reply.text if reply else None,
            answered_by=reply.model if reply else None,
            finish_reason=reply.finish_reason if reply else None,
            prompt_tokens=failure.usage.prompt_tokens,
            completion_tokens=failure.usage.completion_tokens,
            estimated=failure.usage.estimated,
            latency=latency,
            replied_at=at,
        )


def _answer(answer: Answer) -> dict[str, object]:
    """What a usable answer changes in the record of its reply."""
    if answer.stop is not None:
        return {"outcome": "Stopped", "stop": answer.stop[:LONGEST_STOP]}
    return {"outcome": "Proposed", "proposals": [one.proposal() for one in answer.proposals]}
