"""Planning models for worlds in memory: none, or one that is played."""

from seedbed.engine.naming import call_key
from seedbed.engine.observation import CallObservation
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.journal import Replied
from seedbed.reconcile.calls import observation


class NoCalls:
    """For worlds in which nobody asks a model."""

    holder = "nobody"

    async def start(self, goal, request):
        raise AssertionError("a model was asked")

    async def observe(self, goal):
        raise AssertionError("a model was asked")

    def die(self):
        pass


class PlayedModel:
    """`world.Calls` in memory: calls end when the driver says so, and die with their process.

    `answer(planning, request)` gives the fields of a `Replied`; `made` counts the calls by goal, proposal and
    number; `prompts` holds what each was asked with.
    """

    holder = "played"

    def __init__(self, artifacts, clock, answer):
        self.artifacts, self.clock, self.answer = artifacts, clock, answer
        self.live, self.made, self.prompts = {}, {}, {}

    async def start(self, goal, request):
        planning = goal.status.planning
        key = (goal.metadata.uid, planning.index, planning.call)
        self.made[key] = self.made.get(key, 0) + 1
        self.prompts[key] = request
        at = call_key(goal, planning.index, planning.call, "reply")
        self.live[key] = (at, self.answer(planning, request), planning)

    async def observe(self, goal):
        planning = goal.status.planning
        if (goal.metadata.uid, planning.index, planning.call) in self.live:
            return CallObservation("UnderWay")
        data = await self.artifacts.get(call_key(goal, planning.index, planning.call, "reply"))
        return observation(Replied.model_validate_json(data)) if data else CallObservation("Lost")

    def end(self, key):
        at, fields, planning = self.live.pop(key)
        replied = Replied(
            index=planning.index,
            call=planning.call,
            replied_at=self.clock(),
            **{"prompt_tokens": 700} | fields,
        )
        assert at not in self.artifacts.data, "a call was answered twice"
        self.artifacts.data[at] = replied.model_dump_json(by_alias=True).encode()

    def die(self):
        """The process is gone, and with it the calls that it waited for."""
        self.live.clear()


def candidate(quality):
    """A proposal whose runs in memory score about that."""
    model = {"layers": [{"type": "Linear", "out_features": "classes"}]}
    return Proposal(hypothesis=f"quality {quality:.6f}", model=model, training={})
