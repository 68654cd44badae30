"""A goal in a measured world in memory: whatever happens on the way, the numbers are the statuses'."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from fakes.driving import drive
from fakes.memory import MemoryArtifacts, MemoryWorld, goal
from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.measuring import MeasuredArtifacts, MeasuredPlanner, MeasuredStore, count_call
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.present import Present
from seedbed.errors import PlannerFailed, StorageFailed
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.journal import Replied
from seedbed.reconcile import Reconciler

GPU = {"gpus": 1, "cpu": 1, "memory": "1Gi"}


class Measured(MemoryWorld):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.metrics = Metrics()
        self.counting = MeasuredStore(self.store, "default", self.metrics)

    @property
    def world(self):
        return replace(super().world, store=self.counting)

    def counted(self, name, *labels):
        """The counter's values, summed by these labels."""
        totals = Counter()
        for family in self.metrics.registry.collect():
            for sample in family.samples:
                if sample.name == f"seedbed_{name}_total":
                    totals[tuple(sample.labels[label] for label in labels)] += sample.value
        return {labels[0] if len(labels) == 1 else labels: total for labels, total in totals.items()}


def fate(experiment, seed, attempt):
    """Most second attempts go well, and one candidate is broken."""
    if experiment.spec.index == 2 and experiment.spec.purpose == "Explore":
        return "Crash"
    return "Infrastructure" if attempt == 1 and seed % 2 else None


@pytest.mark.parametrize(("seed", "crashes"), [(0, 0.0), (1, 0.05), (2, 0.05), (3, 0.1)])
def test_the_counters_are_what_the_statuses_say(seed, crashes):
    budget = {"experiments": 6, "parallel": 3, "gpuHours": 100}
    memory = drive(Measured(goal(budget=budget, resources=GPU), fate=fate), seed, crash_rate=crashes)
    status, experiments = memory.goal.status, memory.experiments()
    runs = [run for each in experiments for run in each.status.runs]
    finished = memory.counted("runs_finished", "outcome")
    superseded = [
        run for each in experiments if each.status.phase == "Superseded" for run in each.status.runs
        if run.attempt and not run.ended
    ]  # fmt: skip
    phases = Counter(run.phase for run in runs)
    expected = {"Succeeded": phases["Scored"], "Failed": phases["Failed"], "Superseded": len(superseded)}
    assert finished == +Counter(expected)
    assert memory.counted("run_attempts")[()] == sum(run.attempt for run in runs)
    lost = sum(run.failures for run in runs)
    assert memory.counted("run_retries", "reason") == +Counter(
        {"Other": lost}
    )  # the fake's reason is none of ours
    settled = Counter(("Explore", line.outcome) for line in status.experiments)
    names = {"Achieved": "Confirmed", "Failed": "ConfirmationFailed"}
    settled += Counter(("Confirm", names[attempt.outcome]) for attempt in status.attempts)
    settled += Counter(("Control", "Completed") for check in status.integrity)
    beyond = [each for each in experiments if each.status.phase == "Superseded"]
    settled += Counter((each.spec.purpose, "Superseded") for each in beyond)
    assert memory.counted("experiments_finished", "purpose", "outcome") == settled
    assert memory.counted("goals_finished", "verdict") == {status.phase: 1}
    spent = sum(run.seconds + run.spent_seconds for run in runs)
    assert sum(memory.counted("gpu_seconds", "use").values()) == pytest.approx(spent)


def test_what_there_is_now_is_what_the_store_holds():
    memory = drive(Measured(goal(budget={"experiments": 4})), 0)
    present = Present(memory.metrics.census, lambda: {"default": True})

    def phases():
        samples = [sample for family in present.collect() for sample in family.samples]
        wanted = [each for each in samples if each.name == "seedbed_experiments" and each.value]
        return {each.labels["phase"]: each.value for each in wanted}

    assert phases() == Counter(each.status.phase for each in memory.experiments())
    gone, deleted = memory.experiments()[:2]
    memory.store.delete(Experiment, gone.metadata.name)
    asyncio.run(memory.counting.get(Experiment, gone.metadata.name))
    assert sum(phases().values()) == len(memory.experiments())
    memory.store.delete(Experiment, deleted.metadata.name)
    asyncio.run(memory.counting.list_all(Experiment))
    assert sum(phases().values()) == len(memory.experiments())


def test_a_goal_that_is_deleted_settles_nothing_again():
    memory = drive(Measured(goal(budget={"experiments": 4})), 0)
    before = memory.counted("experiments_finished", "outcome")
    memory.store.delete(ResearchGoal, "g")
    reconciler = Reconciler(memory.world, memory.clock)
    for each in memory.experiments():
        asyncio.run(reconciler.experiment(each.metadata.name))
    assert {each.status.phase for each in memory.experiments()} == {"Superseded"}
    assert memory.counted("experiments_finished", "outcome") == before


def test_a_write_that_failed_counts_for_nothing():
    memory = Measured(goal())
    found = memory.goal
    memory.store.delete(ResearchGoal, "g")
    with pytest.raises(Exception, match="g"):
        asyncio.run(memory.counting.patch_status(found, found.status.model_copy(update={"phase": "Failed"})))
    assert memory.counted("goals_finished") == {}


class Store(MemoryArtifacts):
    trouble = None

    async def get(self, key):
        if self.trouble:
            raise StorageFailed(self.trouble)
        return await super().get(key)

    async def check(self):
        return self.trouble


def test_requests_to_a_store_are_counted_and_timed():
    metrics, store = Metrics(), Store()
    artifacts = MeasuredArtifacts(store, "default", metrics)

    def count(operation, outcome):
        labels = {"store": "default", "operation": operation, "outcome": outcome}
        return metrics.registry.get_sample_value("seedbed_store_requests_total", labels)

    assert asyncio.run(artifacts.put("a", b"1")) and asyncio.run(artifacts.get("a")) == b"1"
    assert asyncio.run(artifacts.check()) is None
    store.trouble = "it is away"
    with pytest.raises(StorageFailed, match="^it is away$"):
        asyncio.run(artifacts.get("a"))
    assert asyncio.run(artifacts.check()) == "it is away"
    assert count("get", "ok") == count("put", "ok") == count("check", "ok") == 1
    assert count("get", "StorageFailed") == count("check", "StorageFailed") == 1
    labels = {"store": "default", "operation": "get"}
    assert metrics.registry.get_sample_value("seedbed_store_seconds_count", labels) == 2


def test_calls_of_a_planner_are_counted_by_how_they_ended():
    class Planner:
        def propose(self, request):
            if request == "none":
                raise PlannerFailed("nothing comes to mind")
            return Proposal.model_validate(request)

    metrics = Metrics()
    planner = MeasuredPlanner(Planner(), metrics)
    good = {"hypothesis": "h", "model": {"layers": [{"type": "Flatten"}]}, "training": {}}
    assert planner.propose(good).hypothesis == "h"
    with pytest.raises(PlannerFailed):
        planner.propose("none")
    value = metrics.registry.get_sample_value
    for outcome in ("ok", "PlannerFailed"):
        labels = {"planner": "Search", "outcome": outcome}
        assert value("seedbed_planner_calls_total", labels) == 1
    assert value("seedbed_planner_seconds_count", {"planner": "Search"}) == 2


def test_calls_to_a_model_are_counted_by_what_became_of_them_with_their_tokens():
    metrics, common = Metrics(), {"index": 1, "call": 1, "replied_at": 0.0, "latency": 2.0}
    for outcome in (
        {"outcome": "Proposed", "prompt_tokens": 100, "completion_tokens": 30},
        {"outcome": "Invalid", "prompt_tokens": 10, "completion_tokens": 3},
        {"outcome": "Failed", "reason": "BadKey"},
    ):
        count_call(metrics, None, Replied(**common, **outcome))
    value = metrics.registry.get_sample_value
    for outcome in ("ok", "invalid", "BadKey"):
        assert value("seedbed_planner_calls_total", {"planner": "LLM", "outcome": outcome}) == 1
    assert value("seedbed_planner_invalid_total", {"planner": "LLM"}) == 1
    assert value("seedbed_planner_seconds_sum", {"planner": "LLM"}) == 6
    for direction, tokens in (("prompt", 110), ("completion", 33)):
        labels = {"planner": "LLM", "direction": direction}
        assert value("seedbed_planner_tokens_total", labels) == tokens
