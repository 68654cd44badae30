"""Which records are read, and when; the rest is tried by tests/engine/test_properties.py."""

import asyncio

import pytest

from fakes.memory import MemoryWorld, goal
from seedbed.engine.naming import result_key
from seedbed.engine.observation import RunObservation
from seedbed.reconcile import Reconciler


class Reading:
    """A world with one experiment under way; `read` are the seeds whose records were asked for."""

    def __init__(self):
        self.memory, self.read = MemoryWorld(goal(budget={"experiments": 1})), []
        self.reconciler = Reconciler(self.memory.world, self.memory.clock)
        for _ in range(3):
            asyncio.run(self.reconciler.goal("g"))
        self.name = self.experiment.metadata.name
        plain = self.memory.artifacts.get

        async def get(key):
            self.read += [
                seed for seed in self.experiment.spec.seeds if key == result_key(self.experiment, seed)
            ]
            return await plain(key)

        self.memory.artifacts.get = get

    @property
    def experiment(self):
        return self.memory.experiments()[0]

    def reconcile(self):
        self.read.clear()
        asyncio.run(self.reconciler.experiment(self.name))
        return self.read


@pytest.fixture
def reading():
    started = Reading()
    while not started.memory.launcher.live:
        asyncio.run(started.reconciler.goal("g"))
        started.reconcile()
    return started


def test_before_a_run_is_started_its_record_is_read(reading):
    assert reading.read == reading.experiment.spec.seeds


def test_of_a_live_run_no_record_is_read_and_of_one_that_ended_once(reading):
    assert 0 not in reading.reconcile()
    reading.memory.launcher.end((reading.name, 0))
    assert reading.reconcile().count(0) == 1
    assert reading.experiment.status.runs[0].phase == "Scored"
    assert 0 not in reading.reconcile()


def test_a_run_that_ends_while_it_is_looked_at_has_left_its_record(reading):
    """Were the record read first, the run would count as lost."""
    plain = reading.memory.launcher.observe

    async def observe(experiment):
        reading.memory.launcher.end((reading.name, 0))
        return await plain(experiment)

    reading.memory.launcher.observe = observe
    reading.reconcile()
    run = reading.experiment.status.runs[0]
    assert (run.phase, run.failures) == ("Scored", 0)


def test_a_live_run_is_not_failed_beside_the_record_of_an_earlier_attempt(reading):
    late = MemoryWorld(goal())  # the first attempt, whose node came back
    late.launcher.live.update(reading.memory.launcher.live)
    late.launcher.end((reading.name, 0))
    reading.memory.artifacts.data.update(late.artifacts.data)
    plain = reading.memory.launcher.observe

    async def overdue(experiment):
        seen = await plain(experiment)
        return seen | {0: RunObservation(1, "Running", since=0.0)}

    reading.memory.launcher.observe = overdue
    reading.reconcile()
    assert reading.experiment.status.runs[0].phase == "Scored"


def test_a_run_is_asked_for_by_the_datas_own_metric_where_the_experiment_names_none(reading, monkeypatch):
    made = reading.experiment
    alone = made.model_copy(
        update={
            "metadata": made.metadata.model_copy(update={"name": "alone", "owner_references": []}),
            "spec": made.spec.model_copy(update={"goal": None, "named_metric": None, "index": None}),
            "status": type(made.status)(),
        }
    )
    asyncio.run(reading.memory.store.create(alone))
    asked, start = [], reading.memory.launcher.start

    async def started(experiment, request):
        asked.append(request.metric)
        await start(experiment, request)

    monkeypatch.setattr(reading.memory.launcher, "start", started)
    asyncio.run(reading.reconciler.experiment("alone"))
    assert asked and set(asked) == {"accuracy"}
    assert reading.memory.store.resources[type(made), "alone"].status.metric == "accuracy"
