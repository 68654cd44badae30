"""`python -m fakes.troubled_operator NAMESPACE FOLDER IDENTITY`: the played operator, and goals in trouble.

Which one a goal's name tells: `failing` (its runs crash), `losing` (they leave no record), `waiting` (they
never start), `unplanned` (its planner fails), `unstored` (its store does).
"""

import asyncio
import dataclasses
import sys
import time
from dataclasses import replace

from fakes.memory import MemoryArtifacts, MemoryPlanner
from fakes.played_operator import Player, main, played_world
from seedbed.cluster.measuring import MeasuredArtifacts, MeasuredPlanner, count_call
from seedbed.engine.observation import RunObservation
from seedbed.errors import PlannerFailed, StorageFailed
from seedbed.planning.llm.journal import Replied


class TroubledPlayer(Player):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.fate = lambda experiment, seed, attempt: "Crash" if experiment.spec.goal == "failing" else None
        self.began = {}

    async def start(self, experiment, request):
        self.began.setdefault((experiment.metadata.name, request.seed), time.time())
        await super().start(experiment, request)

    async def observe(self, experiment):
        runs = await super().observe(experiment)
        if experiment.spec.goal != "waiting":
            return runs
        name = experiment.metadata.name
        return {
            seed: replace(run, phase="Waiting", since=self.began[name, seed]) for seed, run in runs.items()
        }

    def end(self, key):
        experiment, request = self.live[key]
        if experiment.spec.goal == "losing":
            del self.live[key]
            self.ended[key] = RunObservation(request.attempt, "Ended")
        elif experiment.spec.goal != "waiting":
            super().end(key)


class FailingPlanner:
    """Counts its calls as those to a model are, which is what fails in clusters."""

    def __init__(self, metrics):
        self.metrics = metrics

    def propose(self, request):
        called = {"index": request.index, "call": 1, "replied_at": time.time(), "latency": 0.1}
        count_call(self.metrics, None, Replied(**called, outcome="Failed", reason="Unreachable"))
        raise PlannerFailed("its provider does not answer")


class Planners:
    """Asks the failing one for the goal whose text is `unplanned`."""

    def __init__(self, usual, failing):
        self.usual, self.failing = usual, failing

    def propose(self, request):
        return (self.failing if request.goal.goal == "unplanned" else self.usual).propose(request)


class Unreachable(MemoryArtifacts):
    async def get(self, key):
        raise StorageFailed("it does not answer")

    put = get


def troubled_world(rest, namespace, folder, events, metrics):
    world = played_world(rest, namespace, folder, events, metrics)
    unreachable = MeasuredArtifacts(Unreachable(), "unreachable", metrics)
    return dataclasses.replace(
        world,
        launcher=TroubledPlayer(rest, namespace, world.launcher.artifacts),
        planner=Planners(MeasuredPlanner(MemoryPlanner(), metrics), FailingPlanner(metrics)),
        artifacts_of=lambda found: (
            unreachable if found.metadata.name == "unstored" else world.artifacts_of(found)
        ),
    )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:], make_world=troubled_world))
