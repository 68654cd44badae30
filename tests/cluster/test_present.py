"""The census, and what a scrape is told of it."""

import json
import time

import pytest

from fakes.cluster import asked, experiment
from seedbed.api import GoalStatus
from seedbed.api.progress import BudgetStatus, Decision, Spending
from seedbed.cluster.census import Census
from seedbed.cluster.present import Present
from seedbed.engine.instants import to_epoch
from seedbed.engine.observation import RunObservation

THEN = "2026-01-01T00:00:00Z"
NOW = to_epoch(THEN) + 100.0


@pytest.fixture
def census():
    return Census()


def told(census, holdings=None, now=NOW):
    """The samples that are not 0, by name and labels."""
    present = Present(census, lambda: {"team": True} if holdings is None else holdings, lambda: now)
    samples = (sample for family in present.collect() for sample in family.samples)
    told = {(each.name.removeprefix("seedbed_"), *each.labels.values()): each.value for each in samples}
    return {key: value for key, value in told.items() if value}


def version(resource, number, **status):
    meta = resource.metadata.model_copy(update={"resource_version": str(number)})
    kind = type(resource.status)
    return resource.model_copy(update={"metadata": meta, "status": kind(**status)})


def test_goals_and_experiments_are_counted_by_their_last_phase(census):
    goal, made = asked(), experiment()
    for number, phase in enumerate(("Pending", "Searching", "Achieved")):
        census.saw(version(goal, number, phase=phase))
    census.saw(version(asked("other"), 1, phase="Achieved"))
    census.saw(version(made, 1, phase="Running"))
    found = told(census)
    assert found["goals", "team", "Achieved"] == 2 and found["experiments", "team", "Running"] == 1
    assert [key for key in found if key[0] in ("goals", "experiments")] == [
        ("goals", "team", "Achieved"), ("experiments", "team", "Running"),
    ]  # fmt: skip


def test_what_is_gone_is_not_told_any_more(census):
    for name in ("a", "b", "c"):
        census.saw(version(asked(name), 1, phase="Searching"))
    census.gone("ResearchGoal", "team", "a")
    census.gone("ResearchGoal", "team", "nobody")
    assert told(census)["goals", "team", "Searching"] == 2
    census.listed("ResearchGoal", "team", ["c"])
    assert told(census)["goals", "team", "Searching"] == 1
    census.forget("team")
    assert told(census) == {("lease_held", "team"): 1}


def test_another_operators_namespace_is_its_own_to_tell(census):
    census.saw(version(asked(), 1, phase="Searching"))
    assert told(census, {"team": False}) == {}
    assert told(census, {}) == {}


def test_attempts_wait_and_run(census):
    made, other = experiment(), experiment(index=2)
    census.saw(version(made, 1))
    census.saw(version(other, 1))
    waiting = {seed: RunObservation(1, "Waiting", since=NOW - seed) for seed in (10, 30)}
    census.observed(made, waiting | {5: RunObservation(1, "Running", since=NOW - 500)})
    census.observed(other, {0: RunObservation(1, "Waiting", since=NOW - 20), 1: RunObservation(1, "Ended")})
    found = told(census)
    assert (found["runs", "team", "Pending"], found["runs", "team", "Running"]) == (3, 1)
    assert found["run_oldest_pending_seconds", "team"] == 30
    census.observed(made, {})
    assert told(census)["run_oldest_pending_seconds", "team"] == 20
    census.gone("Experiment", "team", other.metadata.name)
    census.observed(other, {0: RunObservation(1, "Waiting", since=NOW - 20)})  # by a reconcile under way
    assert not [key for key in told(census) if key[0].startswith("run")]


def test_the_largest_status_is_told_in_bytes(census):
    small, large = asked("small"), asked("large")
    decisions = [Decision(time=THEN, message="é" * 100)]
    census.saw(version(small, 1))
    census.saw(version(large, 1, decisions=decisions))
    empty, full = (
        len(json.dumps(status.document(), separators=(",", ":"), ensure_ascii=False).encode())
        for status in (GoalStatus(), GoalStatus(decisions=decisions))
    )
    assert full > empty + 200
    assert told(census)["status_bytes", "ResearchGoal"] == full
    census.gone("ResearchGoal", "team", "large")
    assert told(census)["status_bytes", "ResearchGoal"] == empty


def test_a_goal_that_has_nearly_spent_a_budget(census):
    used = BudgetStatus(used=Spending(experiments=19))
    goal = asked(budget={"experiments": 20, "deadline": "110s"})
    census.saw(version(goal, 1, phase="Searching", start_time=THEN, budget=used))
    found = told(census)
    assert found["goals_nearly_spent", "team", "experiments"] == 1
    assert found["goals_nearly_spent", "team", "deadline"] == 1
    assert ("goals_nearly_spent", "team", "deadline") not in told(census, now=NOW - 50)


def test_progress_is_known_after_a_restart_from_what_the_goals_say(census):
    assert ("last_progress_timestamp_seconds", "team") not in told(census)
    decisions = [Decision(time="2026-01-01T00:00:42Z", message="")]
    census.saw(version(asked(), 1, phase="Searching", start_time=THEN, decisions=decisions))
    assert told(census)["last_progress_timestamp_seconds", "team"] == to_epoch(THEN) + 42
    census.progressed("team", NOW)
    assert told(census)["last_progress_timestamp_seconds", "team"] == NOW


def test_a_thousand_experiments_are_told_quickly(census):
    for index in range(1000):
        made = experiment()
        meta = made.metadata.model_copy(update={"name": f"e{index}", "resource_version": "1"})
        census.saw(made.model_copy(update={"metadata": meta}))
        census.observed(made, {seed: RunObservation(1, "Running") for seed in range(5)})
    started = time.perf_counter()
    told(census)
    assert time.perf_counter() - started < 0.1
