import pytest

from fakes.memory import card, goal
from seedbed.api import ExperimentStatus, GoalStatus
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import Attempt, ExperimentLine, Planning
from seedbed.engine.actions import Confirm, Propose
from seedbed.engine.budget import Balance, ends_at
from seedbed.engine.instants import to_text
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile

GPU = {"resources": {"gpus": 1}, "deadlines": {"run": "1h"}}


def made(spec, action, *runs, tokens=0):
    layers = [{"type": "Linear", "out_features": "classes"}]
    proposal = Proposal(hypothesis="", model={"layers": layers}, training={}, tokens=tokens)
    experiment = build_experiment(spec, action, proposal, card(), Profile())
    return experiment.model_copy(update={"status": ExperimentStatus(runs=list(runs))})


def balance(spec, lines=(), attempts=(), live=(), starting=0, planning=None):
    there = {e.metadata.name: e for e in live}
    return Balance(spec.spec, lines, attempts, there, starting, planning=planning)


def line(index, outcome="Dropped", **update):
    return ExperimentLine(index=index, name=f"g-e{index:03d}", outcome=outcome, **update)


def test_gpu_time_is_used_and_reserved_by_hand():
    spec = goal(**GPU, budget={"gpuHours": 20})
    running = made(
        spec, Propose(2, 0), RunStatus(seed=0, phase="Scored", seconds=1800.0, spent_seconds=600.0)
    )
    found = balance(spec, [line(1, gpu_seconds=3600.0)], live=[running])
    assert found.gpu_used == 3600 + 1800 + 600
    assert found.gpu_reserved == 3600 + 14 * 3600  # one seed left, and a confirmation with its control
    assert found.gpu_left == 20 * 3600 - found.gpu_used - found.gpu_reserved


def test_an_open_confirmation_is_its_own_reserve():
    spec = goal(**GPU, budget={"gpuHours": 20})
    attempt = Attempt(attempt=1, index=1, experiment="g-c1", alpha=0.03, target=0.9)
    assert balance(spec, attempts=[attempt]).gpu_reserved == 12 * 3600
    live = made(spec, Confirm(1, 1), RunStatus(seed=1000, phase="Scored", seconds=60.0))
    assert balance(spec, attempts=[attempt], live=[live]).gpu_reserved == 11 * 3600


def test_proposals_under_way_are_reserved():
    spec = goal(**GPU, budget={"gpuHours": 18})
    assert balance(spec, starting=1).why_no_experiment(2) is None
    assert "kept for a confirmation" in balance(spec, starting=2).why_no_experiment(3)


def test_tokens_are_those_of_proposals_and_of_calls_for_one_that_is_not_there_yet():
    spec = goal(planner={"type": "LLM"}, budget={"tokens": 1000})
    live = made(spec, Propose(2, 0), tokens=300)
    assert balance(spec, [line(1, tokens=350)], live=[live]).tokens_used == 650
    asking = Planning(index=3, tokens=100, reserved=40)
    assert balance(spec, [line(1, tokens=350)], live=[live], planning=asking).tokens_used == 750
    assert balance(spec, [line(1, tokens=350)], live=[live], planning=asking).tokens_left == 210
    asked = Planning(index=2, tokens=300, state="Proposed")
    assert balance(spec, [line(1, tokens=350)], live=[live], planning=asked).tokens_used == 650


def test_the_search_planner_needs_no_tokens():
    spec = goal(budget={"tokens": 0})
    assert balance(spec, starting=1).why_no_experiment(2) is None


def test_failures_are_seen_as_far_as_the_window_allows():
    spec = goal(budget={"failures": 2, "parallel": 2})
    lines = [line(1, "Failed"), line(2, "Failed"), line(3)]
    assert balance(spec, lines).why_no_experiment(3) is None  # sees experiment 1 alone
    assert "2 experiments failed" in balance(spec, lines).why_no_experiment(4)


def test_experiments_are_counted_by_index():
    spec = goal(budget={"experiments": 3})
    assert balance(spec).why_no_experiment(3) is None
    assert balance(spec).why_no_experiment(4) == "all 3 experiments of the budget are spent"


def test_pauses_move_the_deadline():
    spec = goal(budget={"deadline": "1h30m"}).spec
    assert ends_at(spec, GoalStatus()) is None
    status = GoalStatus(start_time=to_text(1000.0), paused_seconds=50.0)
    assert ends_at(spec, status) == pytest.approx(1000 + 50 + 5400)
