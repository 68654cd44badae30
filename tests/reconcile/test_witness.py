import asyncio

from fakes.memory import MemoryWorld, goal
from seedbed.engine.observation import Preparation
from seedbed.reconcile import Reconciler
from seedbed.reconcile.witness import Witness


class Heard(Witness):
    def __init__(self):
        self.live, self.records = set(), []

    def observed(self, experiment, runs):
        self.live |= {
            (experiment.metadata.name, seed) for seed, run in runs.items() if run.phase == "Running"
        }

    def recorded(self, experiment, records):
        ended = {run.seed for run in experiment.status.runs if run.ended}
        assert records.keys() <= ended, "the status holds them"
        self.records += [(experiment.metadata.name, seed) for seed in records]


def test_each_run_is_seen_and_each_record_told_once():
    memory, heard = MemoryWorld(goal(budget={"experiments": 4})), Heard()
    reconciler = Reconciler(memory.world, memory.clock, heard)
    while not memory.goal.status.finished:
        asyncio.run(reconciler.goal("g"))
        for experiment in memory.experiments():
            asyncio.run(reconciler.experiment(experiment.metadata.name))
            asyncio.run(reconciler.experiment(experiment.metadata.name))
        for key in sorted(memory.launcher.live):
            memory.launcher.end(key)
    ended = [(e.metadata.name, run.seed) for e in memory.experiments() for run in e.status.runs if run.ended]
    assert sorted(heard.records) == sorted(ended) and len(ended) > 4
    assert set(ended) <= heard.live


def test_a_record_that_the_status_does_not_hold_yet_is_not_told():
    memory, heard = MemoryWorld(goal(budget={"experiments": 4})), Heard()
    reconciler = Reconciler(memory.world, memory.clock, heard)
    for _ in range(3):
        asyncio.run(reconciler.goal("g"))
    name = memory.experiments()[0].metadata.name
    for _ in range(3):
        asyncio.run(reconciler.goal("g"))
        asyncio.run(reconciler.experiment(name))
    memory.launcher.end((name, 0))

    async def blocked(resource):
        return Preparation("Blocked", message="the store is away")

    memory.launcher.observe_preparation = blocked
    asyncio.run(reconciler.experiment(name))
    assert memory.experiments()[0].status.message == "the store is away" and heard.records == []
    del memory.launcher.observe_preparation
    asyncio.run(reconciler.experiment(name))
    assert heard.records == [(name, 0)]
