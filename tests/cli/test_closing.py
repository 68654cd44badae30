import pytest

from fakes.driving import drive
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.api import Experiment
from seedbed.api.experiment import Aggregate, RunStatus
from seedbed.cli.closing import closing_lines, experiment_lines
from seedbed.report.text import count, duration
from seedbed_runner.contract.failures import HINTS

RESUME = "research-agent resume g --folder there"


def test_an_achieved_goal_tells_its_evidence():
    planner = MemoryPlanner(lambda request, noise: 0.95)
    memory = drive(MemoryWorld(goal(), planner=planner, sd=0.004), 0)
    claim = memory.goal.status.claim
    lines = closing_lines(memory.goal, memory.experiments(), memory.now, RESUME)
    assert lines[0] == f"g: ACHIEVED: {claim.statement}"
    text = "\n".join(lines)
    assert f"lower bound {claim.bound:.4f} ≥ target 0.9" in text
    assert f"repeated interval [{claim.low:.4f}, {claim.high:.4f}]" in text
    assert f"0 of {claim.n} seeds diverged, rate ≤ {claim.divergence_bound:.2f}" in text
    assert "α spent 0.0304 of 0.05" in text
    assert "the mean over training randomness on this split of the data" in text
    assert f"Spent: {memory.goal.status.counts.runs} seeds" in text


@pytest.mark.parametrize(("quality", "reason"), [(0.5, "NeverNominated"), (0.9002, "ConfirmationFailed")])
def test_a_goal_that_is_not_achieved_says_why_and_what_next(quality, reason):
    planner = MemoryPlanner(lambda request, noise: quality)
    memory = drive(MemoryWorld(goal(budget={"experiments": 3}), planner=planner, sd=0.001), 1)
    assert memory.goal.status.verdict.reason == reason
    lines = closing_lines(memory.goal, memory.experiments(), memory.now, RESUME)
    assert lines[0].startswith("g: NOT ACHIEVED: not shown: ")
    assert any(line.startswith("  Next: ") and RESUME in line for line in lines)


@pytest.mark.parametrize("confirming", [False, True])
def test_what_is_under_way_is_spent_too(confirming):
    def scored(memory):
        return [run for each in memory.experiments() for run in each.status.runs if run.phase == "Scored"]

    planner = MemoryPlanner(lambda request, noise: 0.95)
    world = MemoryWorld(goal(seeds={"explore": 3}, budget={"parallel": 1}), planner=planner, sd=0.004)
    memory = drive(world, 0, until=lambda m: len(scored(m)) > (4 if confirming else 0))  # 3 and a control
    status, spent = memory.goal.status, scored(memory)
    assert bool(status.attempts) == confirming and status.counts.runs == confirming
    lines = closing_lines(memory.goal, memory.experiments(), memory.now, RESUME)
    trained = duration(sum(run.seconds for run in spent))
    assert lines[-1].startswith(f"  Spent: {count(len(spent), 'seed')}, {trained} of training, ")


def test_a_refused_goal_says_why():
    memory = drive(MemoryWorld(goal(objective={"target": 0.9999})), 0)
    assert closing_lines(memory.goal, memory.experiments(), memory.now, RESUME)[0].startswith(
        "g: REFUSED: `target` is 0.9999 but on a test split"
    )


def test_an_experiment_is_an_estimate_and_no_claim():
    experiment = Experiment.model_validate(
        {
            "metadata": {"name": "alone"},
            "spec": {
                "dataset": {"name": "iris"},
                "model": {"layers": [{"type": "Flatten"}]},
                "seeds": [0, 1, 2, 3],
            },
        }
    )
    runs = [RunStatus(seed=seed, phase="Scored", score=0.9) for seed in range(3)]
    runs.append(RunStatus(seed=3, phase="Failed", reason="Deadline", message="too slow"))
    found = Aggregate(n=3, mean=0.9, sd=0.01, low=0.87, high=0.93)
    status = experiment.status.model_copy(
        update={"phase": "Failed", "runs": runs, "metric": "accuracy", "aggregate": found}
    )
    assert experiment_lines(experiment.model_copy(update={"status": status})) == [
        "alone: Failed",
        "  accuracy on the validation split: mean 0.9000 over 3 seeds, 95 % interval [0.8700, 0.9300]",
        "  0 of 3 diverged, rate ≤ 0.63 (95 %, one-sided); not a claim",
        f"  seed 3 failed: Deadline: too slow (try: {HINTS['Deadline']})",
    ]
