"""The planning LLM's turns: which call comes next for a proposal, and what its answer means for the search.

Every call is claimed in `status.planning` before it is made, under a number of its own, and so made at most
once: a call whose caller died is charged as if it had cost all that was reserved, and the next one is visible
as another. Proposals are asked for strictly in the order of their index, each (or each batch) with what that
index may see, so what is asked does not depend on timing.
"""

from typing import Any, Literal

from seedbed.api import GoalSpec
from seedbed.api.common import seconds
from seedbed.api.progress import Planning
from seedbed.engine.actions import Ask, Propose
from seedbed.engine.instants import to_epoch, to_text
from seedbed.engine.observation import CallObservation

MOST_FAILURES = 4  # calls in a row without an answer until somebody else proposes
GRACE = 30.0  # seconds beyond a call's own limit until it counts as lost
TOKENS_SPENT = "TokensSpent"


class Consultation:
    """The planner's part of one walk: `planning` is what the status is to say, `told` what people are told.

    Args:
        spec: of the goal.
        planning: as the status has it.
        seen: the call that it claims, if one is under way.
        now: seconds since the epoch.
        holder: who would make a call.
    """

    def __init__(
        self, spec: GoalSpec, planning: Planning | None, seen: CallObservation | None, now: float, holder: str
    ) -> None:
        self.spec, self._now, self._holder = spec, now, holder
        self.told: list[str] = []
        self.planning = planning
        if planning is not None and planning.state == "Asking" and seen is not None:
            self.planning = self._settled(planning, seen)

    @property
    def asks(self) -> bool:
        """Whether this goal has a planning LLM at all."""
        return self.spec.planner.type == "LLM"

    @property
    def look_again_at(self) -> float | None:
        """When a call under way is lost, or the next one may be made; None: nothing is waited for."""
        match self.planning:
            case Planning(state="Asking", expires=str(expires)):
                return to_epoch(expires)
            case Planning(state="Waiting", retry_at=str(retry_at)) if to_epoch(retry_at) > self._now:
                return to_epoch(retry_at)
        return None

    @property
    def over(self) -> str | None:
        """Why no further proposal will come; None: one may."""
        match self.planning:
            case Planning(state="Stopped", message=message):
                return f"the planning model stopped: {message}"
            case Planning(state="Ended", reason=reason, message=message):
                return f"the planning model gave no usable proposal: {reason}: {message}"
        return None

    @property
    def failed(self) -> bool:
        """Whether it is over for a reason that says nothing of the goal."""
        planning = self.planning
        return planning is not None and planning.state == "Ended" and planning.reason != TOKENS_SPENT

    @property
    def ready(self) -> tuple[Literal["True", "False"], str, str]:
        """Whether the model answers, by what is known last, with reason and sentence."""
        planning = self.planning
        if planning is None or planning.reason is None or planning.state == "Stopped":
            return "True", "Answers", ""
        return "False", planning.reason, planning.message or ""

    def step(self, index: int, visible: int, tokens_left: int, may_ask: bool = True) -> Propose | Ask | None:
        """What brings proposal `index` nearer now; None: wait, or nothing ever will (`over`).

        Args:
            index: the first proposal that has no Experiment.
            visible: the experiments that it may see.
            tokens_left: neither spent nor set aside.
            may_ask: every earlier proposal is stored, so that a prompt can show it.
        """
        if not self.asks:
            return Propose(index, visible)
        planning = self.planning
        if self.over is not None or self.look_again_at is not None:
            return None
        if planning is not None and index <= planning.through:
            tokens = planning.tokens if index == planning.index else 0
            return Propose(index, visible, search=False, tokens=tokens)
        if planning is not None and planning.index == index and planning.state == "Fallback":
            return Propose(index, visible, tokens=planning.tokens)
        if not may_ask:
            return None
        claimed = self._next(index)
        if tokens_left < self.spec.planner.tokens_per_call:
            self.planning = self._given_up(claimed, TOKENS_SPENT, self._no_tokens(tokens_left))
            return self.step(index, visible, tokens_left)
        self.planning = claimed
        return Ask(index, visible)

    def abandon(self) -> None:
        """The search ends: of a call under way nothing is used, and it may have cost what was reserved."""
        planning = self.planning
        if planning is not None and planning.state == "Asking":
            self.planning = _with(planning, state="Waiting", tokens=planning.tokens + planning.reserved)

    def _next(self, index: int) -> Planning:
        """The claim of the next call for a proposal."""
        before, spec = self.planning, self.spec
        base: dict[str, Any] = {}
        if before is not None:
            base = {"reason": before.reason, "message": before.message, "capability": before.capability}
        if before is not None and before.index == index:
            base |= {
                "call": before.call + 1, "turn": before.turn, "tokens": before.tokens,
                "failures": before.failures,
            }  # fmt: skip
        return Planning(
            index=index,
            state="Asking",
            batch=min(spec.budget.parallel, spec.budget.experiments - index + 1),
            through=index - 1,
            holder=self._holder,
            expires=to_text(self._now + seconds(spec.planner.timeout) + GRACE),
            reserved=spec.planner.tokens_per_call,
            **base,
        )

    def _no_tokens(self, left: int) -> str:
        budget, call = self.spec.budget.tokens, self.spec.planner.tokens_per_call
        return f"{left} of {budget} tokens are left and a call may take {call}: raise budget.tokens"

    def _settled(self, planning: Planning, seen: CallObservation) -> Planning:
        """The status once something is known of the call under way."""
        if seen.phase == "UnderWay":
            return planning
        if seen.phase == "Lost":
            spent = _with(planning, tokens=planning.tokens + planning.reserved)
            why = "who made the call is gone and left no answer"
            return self._failed(spent, "CallLost", why, self._now)
        spent = _with(
            planning,
            tokens=planning.tokens + _cost(planning, seen),
            capability=seen.learned or planning.capability,
        )
        if seen.outcome == "Failed":
            return self._failed(spent, seen.reason, seen.message, _plus(seen.at, seen.wait))
        if seen.outcome == "Invalid":
            return self._refused(spent, seen.message)
        if seen.outcome == "Stopped":
            self.told.append(f"the planning model stops: {seen.message}")
            return _with(spent, state="Stopped", reason="Stopped", message=seen.message[:400])
        through = planning.index + seen.proposals - 1
        return _with(
            spent, state="Proposed", through=through, failures=0, reason=None, message=None
        )  # fmt: skip

    def _refused(self, planning: Planning, mistakes: str) -> Planning:
        """An answer that can't be used: once more with the mistakes, then somebody else."""
        if planning.turn == "Repair":
            return self._given_up(planning, "InvalidAnswer", mistakes)
        return _with(
            planning, state="Waiting", turn="Repair", failures=0, retry_at=to_text(self._now),
            reason="InvalidAnswer", message=mistakes[:400],
        )  # fmt: skip

    def _failed(self, planning: Planning, reason: str, why: str, again_at: float | None) -> Planning:
        """No answer: again when it may help, then somebody else."""
        failures = planning.failures + 1
        if again_at is None or failures >= MOST_FAILURES:
            return self._given_up(_with(planning, failures=failures), reason, why)
        self.told.append(f"call {planning.call} for experiment {planning.index} failed: {reason}: {why}")
        return _with(
            planning, state="Waiting", failures=failures, retry_at=to_text(again_at), reason=reason,
            message=why[:400],
        )  # fmt: skip

    def _given_up(self, planning: Planning, reason: str, why: str) -> Planning:
        """The model does not propose this one."""
        falls_back = self.spec.planner.fallback == "Search"
        who = "the search planner proposes it" if falls_back else "nobody else is to propose it"
        self.told.append(f"experiment {planning.index}: {who}: {reason}: {why}")
        state = "Fallback" if falls_back else "Ended"
        return _with(planning, state=state, reason=reason, message=why[:400])


def reopened(planning: Planning | None) -> Planning | None:
    """Planning as it goes on once a finished goal's budget was raised: what ended it is asked again."""
    if planning is None or planning.state in ("Proposed", "Fallback"):
        return planning
    return _with(planning, state="Waiting", turn="First", failures=0, retry_at=None)


def _with(planning: Planning, **update: Any) -> Planning:
    """Changed, with nothing reserved, held or waited for unless the change says so."""
    idle = {"holder": None, "expires": None, "reserved": 0, "retry_at": None}
    return planning.model_copy(update=idle | update)


def _cost(planning: Planning, seen: CallObservation) -> int:
    """Tokens of a call that is over; one that nobody counted costs no more than was set aside for it."""
    return min(seen.tokens, planning.reserved) if seen.estimated else seen.tokens


def _plus(at: float, wait: float | None) -> float | None:
    return None if wait is None else at + wait
