"""`ModelCalls`: makes the calls to planning LLMs that goals' statuses claim, in the background.

One object a process. The prompt goes into the journal before the call, with a write in which only the first
writer of that key succeeds: even two processes that believe to hold the same claim make one call. The answer
goes into the journal after it; the reconciler is woken and reads it there. A call that dies with its process
leaves a prompt without an answer, and is never made again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.common import seconds
from seedbed.api.progress import Planning
from seedbed.engine.instants import to_epoch
from seedbed.engine.naming import call_key
from seedbed.engine.observation import CallObservation
from seedbed.errors import PlannerFailed, StorageFailed
from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm import client
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.consult import Turn, answer_tokens, first_prompt, offer_of, repair_prompt
from seedbed.planning.llm.failures import ModelFailure, NoPrompt
from seedbed.planning.llm.journal import Call, Prompted, Replied
from seedbed.planning.llm.offer import CodeRuns, Offer
from seedbed.planning.llm.prompt import Prompt
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.providers import Providers
from seedbed.planning.llm.reply import Reply
from seedbed.planning.llm.schema import answer_schema
from seedbed.world import Artifacts, Profile

log = logging.getLogger(__name__)

Resource = ResearchGoal | Experiment
Entry = TypeVar("Entry", Prompted, Replied)
LONGEST_PAUSE = 30.0  # seconds between tries to store an answer


@dataclass(frozen=True)
class Surroundings:
    """What the calls of a world are made with.

    Attributes:
        providers: the model servers that the owner of the machines set up.
        artifacts_of: where a goal's journal is.
        profile_of: what one of its runs may ask for.
        wake: has a goal looked at again.
        holder: this process, as statuses name it.
        alone: nobody else can be calling for these goals: a claim of another process is of one that is dead.
    """

    providers: Providers
    artifacts_of: Callable[[Resource], Artifacts]
    profile_of: Callable[[Resource], Profile]
    wake: Callable[[ResearchGoal], None]
    holder: str
    alone: bool


class ModelCalls:
    """`world.Calls` for any world.

    Args:
        around: the world.
        ask: makes one call, as `client.call`; told besides which one, by `index` and `call`.
        heard: is told of every call that ended.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        around: Surroundings,
        ask: Callable[..., Awaitable[Reply]] | None = None,
        heard: Callable[[Prompted | None, Replied], None] = lambda prompted, replied: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._around, self._ask, self._heard, self._clock = around, ask or _live, heard, clock
        self._under_way: dict[tuple[str, int, int], asyncio.Task[None]] = {}

    @property
    def holder(self) -> str:
        """This process, as a goal's status names it."""
        return self._around.holder

    async def start(self, goal: ResearchGoal, request: ProposalRequest) -> None:
        """Make the call that the goal's status claims; it goes on after this returns."""
        planning = _claim(goal)
        key = (goal.metadata.uid, planning.index, planning.call)
        if key not in self._under_way:
            task = asyncio.create_task(self._make(goal, planning, request))
            self._under_way[key] = task
            task.add_done_callback(lambda ended: self._ended(key, goal, ended))

    def _ended(self, key: tuple[str, int, int], goal: ResearchGoal, task: asyncio.Task[None]) -> None:
        del self._under_way[key]
        if task.cancelled():
            return
        if error := task.exception():
            log.error(
                "a call to the planning model of goal %s was lost: %s",
                goal.metadata.name,
                error,
                exc_info=None if isinstance(error, StorageFailed) else error,
            )
        self._around.wake(goal)

    async def close(self) -> None:
        """End the calls under way: they are lost."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def observe(self, goal: ResearchGoal) -> CallObservation:
        """How far the call is that the goal's status claims.

        Raises:
            StorageFailed: the journal can't be read.
        """
        planning = _claim(goal)
        if (goal.metadata.uid, planning.index, planning.call) in self._under_way:
            return CallObservation("UnderWay")
        data = await self._journal(goal).get(call_key(goal, planning.index, planning.call, "reply"))
        if data is not None:
            return observation(_read(Replied, data))
        elsewhere = planning.holder != self.holder and not self._around.alone
        if elsewhere and planning.expires is not None and self._clock() < to_epoch(planning.expires):
            return CallObservation("UnderWay")
        return CallObservation("Lost")

    def _journal(self, goal: ResearchGoal) -> Artifacts:
        return self._around.artifacts_of(goal)

    async def _make(self, goal: ResearchGoal, planning: Planning, request: ProposalRequest) -> None:
        """The call, with the journal's entry before and after it."""
        turn, started = Turn.of(planning), time.monotonic()
        prompted: Prompted | None = None
        try:
            provider = self._around.providers.of(goal.spec.planner)
            profile = self._around.profile_of(goal)
            runs: CodeRuns = "unsealed" if profile.allow_unsealed else "sealed"
            offer = offer_of(goal.spec, planning.batch, profile.caps, runs)
            prompt = await self._prompt(goal, planning, request, offer)
            prompted = self._prompted(planning, request, provider, prompt)
            key = call_key(goal, turn.index, turn.call, "prompt")
            if not await self._journal(goal).put(key, _bytes(prompted)):
                log.warning("%s is there already: that call was made, and is not made again", key)
                return
            reply = await self._ask(
                provider,
                prompted.messages,
                answer_schema(request.read_card(), offer),
                prompted.max_tokens,
                seconds(goal.spec.planner.timeout),
                prompted.capability,
                index=turn.index,
                call=turn.call,
            )
            replied = await asyncio.to_thread(turn.answered, reply, request, offer, self._clock())
        except ModelFailure as failure:
            latency = time.monotonic() - started
            attempt = planning.failures + 1
            replied = turn.failed(failure, attempt, goal.metadata.uid, latency, self._clock())
        await self._keep(goal, planning, replied)
        self._heard(prompted, replied)

    async def _prompt(
        self, goal: ResearchGoal, planning: Planning, request: ProposalRequest, offer: Offer
    ) -> Prompt:
        """What is sent.

        Raises:
            NoPrompt: it can't be made.
        """
        if planning.turn == "Repair":
            return repair_prompt(await self._earlier(goal, planning))
        try:
            return await asyncio.to_thread(first_prompt, request, offer)
        except ModelFailure:
            raise
        except PlannerFailed as error:
            raise NoPrompt(str(error)) from error

    def _prompted(
        self, planning: Planning, request: ProposalRequest, provider: Provider, prompt: Prompt
    ) -> Prompted:
        return Prompted(
            index=planning.index,
            call=planning.call,
            turn=planning.turn,
            batch=planning.batch,
            visible=len(request.history),
            provider=provider.label,
            model=provider.model,
            capability=Capability.model_validate(planning.capability),
            version=prompt.version,
            messages=list(prompt.messages),
            cut=list(prompt.cut),
            prompt_tokens=prompt.tokens,
            max_tokens=answer_tokens(request.goal.planner.tokens_per_call),
            asked_at=self._clock(),
            holder=self.holder,
        )

    async def _earlier(self, goal: ResearchGoal, planning: Planning) -> Sequence[Call]:
        """The calls before this one for the same proposal, as far as they left something."""
        found = [await self._recorded(goal, planning.index, call) for call in range(1, planning.call)]
        return [each for each in found if each is not None]

    async def _recorded(self, goal: ResearchGoal, index: int, call: int) -> Call | None:
        prompted = await self._journal(goal).get(call_key(goal, index, call, "prompt"))
        replied = await self._journal(goal).get(call_key(goal, index, call, "reply"))
        if prompted is None:
            return None
        return Call(
            prompted=_read(Prompted, prompted),
            replied=None if replied is None else _read(Replied, replied),
        )

    async def _keep(self, goal: ResearchGoal, planning: Planning, replied: Replied) -> None:
        """Store an answer; it was paid for, so a store in trouble is waited for as long as the claim holds.

        Raises:
            StorageFailed: it is in trouble for longer.
        """
        key = call_key(goal, planning.index, planning.call, "reply")
        until, pause = to_epoch(planning.expires) if planning.expires else 0.0, 1.0
        while True:
            try:
                await self._journal(goal).put(key, _bytes(replied))
                return
            except StorageFailed:
                if self._clock() + pause >= until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def observation(replied: Replied) -> CallObservation:
    """A recorded answer as the engine takes it."""
    said = {"Invalid": "; ".join(replied.problems), "Stopped": replied.stop, "Failed": _sentence(replied)}
    return CallObservation(
        "Answered",
        replied.outcome,
        proposals=len(replied.proposals),
        tokens=replied.tokens,
        estimated=replied.estimated,
        reason=replied.reason or "",
        message=said.get(replied.outcome) or "",
        wait=replied.wait,
        at=replied.replied_at,
        learned=replied.learned.model_dump() if replied.learned else None,
    )


def _sentence(replied: Replied) -> str:
    """What happened and what to do; the advice is kept where both are too long for a status."""
    advice = f": {replied.advice}" if replied.advice else ""
    return f"{(replied.message or '')[: 400 - len(advice)]}{advice}"


def _claim(goal: ResearchGoal) -> Planning:
    planning = goal.status.planning
    assert planning is not None and planning.state == "Asking"
    return planning


def _read(kind: type[Entry], data: bytes) -> Entry:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise StorageFailed(f"an entry of the journal is damaged: {error.error_count()} mistakes") from error


def _bytes(entry: Prompted | Replied) -> bytes:
    return entry.model_dump_json(by_alias=True, indent=1).encode()


async def _live(*arguments: Any, index: int, call: int) -> Reply:
    """A call to the real server."""
    return await client.call(*arguments)
