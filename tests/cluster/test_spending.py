import pytest

from fakes.cluster import asked
from seedbed.api import GoalStatus
from seedbed.api.progress import BudgetStatus, Spending
from seedbed.cluster.spending import BUDGETS, spent_by
from seedbed.engine.instants import to_epoch

START = "2026-01-01T00:00:00Z"
BUDGET = {
    "experiments": 10, "confirmations": 10, "failures": 10, "gpuHours": 1.0, "tokens": 1000,
    "deadline": "100s",
}  # fmt: skip


def nearly(after=0.0, budget=BUDGET, status=None, **used):
    spent = BudgetStatus(used=Spending(**used))
    found = GoalStatus(phase="Searching", start_time=START, budget=spent, **(status or {}))
    goal = asked(budget=budget).model_copy(update={"status": found})
    return spent_by(goal).nearly(to_epoch(START) + after)


@pytest.mark.parametrize(
    ("used", "budget"),
    [
        ({"experiments": 9}, "experiments"),
        ({"confirmations": 9}, "confirmations"),
        ({"failures": 9}, "failures"),
        ({"gpu_hours": 0.95}, "gpuHours"),
        ({"tokens": 900}, "tokens"),
        ({"after": 90.0}, "deadline"),
    ],
)
def test_nine_tenths_of_a_budget_are_nearly_all(used, budget):
    assert budget in BUDGETS and nearly(**used) == [budget]


def test_less_is_not():
    assert nearly(after=89.0, experiments=8, confirmations=8, failures=8, gpu_hours=0.8, tokens=899) == []


def test_pauses_do_not_count_and_while_paused_the_clock_stands():
    assert nearly(after=95.0, status={"paused_seconds": 10.0}) == []
    paused = {"paused_since": "2026-01-01T00:00:50Z"}
    assert nearly(after=1000.0, status=paused) == []
    assert nearly(after=1000.0, status={"paused_since": "2026-01-01T00:01:35Z"}) == ["deadline"]


def test_a_budget_of_nothing_can_not_run_out():
    assert nearly(budget=BUDGET | {"gpuHours": 0, "tokens": 0}) == []


def test_a_finished_goal_spends_nothing():
    assert nearly(after=1000.0, experiments=10, status={"finish_time": START}) != []
    done = GoalStatus(phase="Achieved", start_time=START, budget=BudgetStatus(used=Spending(experiments=10)))
    assert spent_by(asked(budget=BUDGET).model_copy(update={"status": done})).nearly(1e12) == []
