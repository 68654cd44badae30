from collections import Counter

import pytest

from fakes.cluster import asked, experiment
from seedbed.api import Condition, ExperimentStatus, GoalStatus
from seedbed.api.experiment import RunStatus
from seedbed.api.integrity import Finding, Integrity
from seedbed.api.progress import Attempt, ExperimentLine, Verdict
from seedbed.cluster import families
from seedbed.cluster.reasons import KNOWN
from seedbed.cluster.transitions import of_experiment, of_goal, progressed

THEN, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def counted(resource, before, after):
    """By family's name and labels but for the namespace, how much."""
    was = resource.model_copy(update={"status": before})
    counts = list((of_goal if isinstance(after, GoalStatus) else of_experiment)(was, after))
    assert all(each.labels[0] == "team" and len(each.labels) == len(each.family.labels) for each in counts)
    return {(each.family, *each.labels[1:]): each.amount for each in counts}


def of_goals(after, before=None, gpus=0):
    resources = {"gpus": gpus, "cpu": 1, "memory": "1Gi"}
    return counted(asked(resources=resources), before or GoalStatus(), after)


def of_runs(after, before=(), made=None, phases=("Running", "Running")):
    old, new = (ExperimentStatus(phase=p, runs=list(r)) for p, r in zip(phases, (before, after), strict=True))
    return counted(made or experiment(), old, new)


def run(phase="Waiting", seed=0, attempt=1, **update):
    return RunStatus(seed=seed, attempt=attempt, phase=phase, **update)


def line(outcome, index=1, **update):
    return ExperimentLine(index=index, name=f"digits-e{index:03d}", outcome=outcome, **update)


def attempt(outcome="Open", **update):
    made = {"attempt": 1, "index": 1, "experiment": "digits-c1", "alpha": 0.03, "target": 0.9}
    return Attempt(**made, outcome=outcome, **update)


# Runs


def test_an_attempt_counts_when_it_starts_and_a_run_when_it_ends():
    assert of_runs([run()]) == {(families.RUN_ATTEMPTS,): 1}
    assert of_runs([run("Running")], [run()]) == {}
    scored = run("Scored", score=0.9)
    assert of_runs([scored], [run("Running")]) == {(families.RUNS_FINISHED, "Explore", "Succeeded", ""): 1}
    assert of_runs([scored], [scored]) == {}


def test_a_model_failure_and_a_missing_seed_end_a_run_with_their_reason():
    failed = of_runs([run("Failed", reason="OutOfMemory")], [run("Running")])
    assert failed == {(families.RUNS_FINISHED, "Explore", "Failed", "OutOfMemory"): 1}
    missing = of_runs([run("Missing", reason="NodeLost", failures=5)], [run("Running", failures=4)])
    assert missing == {
        (families.RUN_RETRIES, "NodeLost"): 1,
        (families.RUNS_FINISHED, "Explore", "Missing", "NodeLost"): 1,
    }


def test_each_attempt_that_is_lost_counts_once():
    lost = run(failures=1, reason="PodDeleted", retry_at=LATER)
    assert of_runs([lost], [run("Running")]) == {(families.RUN_RETRIES, "PodDeleted"): 1}
    assert of_runs([run(attempt=2, failures=1)], [lost]) == {(families.RUN_ATTEMPTS,): 1}


def test_a_record_that_was_there_already_is_no_new_attempt():
    adopted = of_runs([run("Scored", attempt=3, score=0.9)])
    assert adopted == {(families.RUNS_FINISHED, "Explore", "Succeeded", ""): 1}


def test_a_reason_from_outside_is_other():
    assert "CosmicRay" not in KNOWN
    lost = of_runs([run(failures=1, reason="CosmicRay")], [run()])
    assert lost == {(families.RUN_RETRIES, "Other"): 1}


# Experiments


def test_a_goals_experiment_is_not_counted_by_its_own_end():
    assert of_runs([], phases=("Running", "Completed")) == {}


def test_one_that_is_superseded_takes_its_runs_with_it():
    resources = {"gpus": 1, "cpu": 1, "memory": "1Gi"}
    before = [run("Scored", seed=0, score=0.9, seconds=60.0), run("Running", seed=1), run(seed=2, attempt=0)]
    after = [before[0], run(seed=1, spent_seconds=5.0), before[2]]
    made = experiment(resources=resources, budget={"gpuHours": 100})
    assert of_runs(after, before, made, ("Running", "Superseded")) == {
        (families.RUNS_FINISHED, "Explore", "Superseded", ""): 1,
        (families.EXPERIMENTS_FINISHED, "Explore", "Superseded", ""): 1,
        (families.GPU_SECONDS, "wasted"): 65,
    }
    assert of_runs(after, after, made, ("Superseded", "Superseded")) == {}


def test_one_whose_goal_was_deleted_counts_only_if_it_was_not_over():
    status = ExperimentStatus(phase="Superseded")

    def orphaned(phase):
        made = experiment().model_copy(update={"status": ExperimentStatus(phase=phase)})
        return [each.family for each in of_experiment(made, status, orphan=True)]

    assert orphaned("Running") == [families.EXPERIMENTS_FINISHED]
    assert orphaned("Completed") == orphaned("Dropped") == []


def test_one_that_stands_alone_counts_by_itself():
    made = experiment(resources={"gpus": 1, "cpu": 1, "memory": "1Gi"}, budget={"gpuHours": 100})
    alone = made.model_copy(update={"spec": made.spec.model_copy(update={"goal": None})})
    before = [run("Scored", score=0.9, seconds=60.0), run("Running", seed=1)]
    after = [before[0], run("Failed", seed=1, reason="Crash", seconds=7.0)]
    assert of_runs(after, before, alone, ("Running", "Failed")) == {
        (families.RUNS_FINISHED, "Standalone", "Failed", "Crash"): 1,
        (families.EXPERIMENTS_FINISHED, "Standalone", "Failed", "Crash"): 1,
        (families.GPU_SECONDS, "useful"): 60,
        (families.GPU_SECONDS, "wasted"): 7,
    }
    refused = of_runs([], (), alone, ("Pending", "Refused"))
    assert refused == {(families.EXPERIMENTS_FINISHED, "Standalone", "Refused", ""): 1}


# Goals


def test_a_line_settles_an_experiment_once():
    dropped = line("Dropped", seconds=60.0, gpu_seconds=80.0)
    first = GoalStatus(experiments=[dropped])
    assert of_goals(first, gpus=1) == {
        (families.EXPERIMENTS_FINISHED, "Explore", "Dropped", ""): 1,
        (families.GPU_SECONDS, "useful"): 60,
        (families.GPU_SECONDS, "wasted"): 20,
    }
    second = GoalStatus(experiments=[dropped, line("Failed", 2, reason="Shape", gpu_seconds=9, seconds=9)])
    assert of_goals(second, first, gpus=1) == {
        (families.EXPERIMENTS_FINISHED, "Explore", "Failed", "Shape"): 1,
        (families.GPU_SECONDS, "wasted"): 9,
    }


def test_a_candidate_of_a_last_chance_was_settled_before():
    before = GoalStatus(experiments=[line("NotNominated")], attempts=[attempt()])
    after = GoalStatus(experiments=[line("Confirmed")], attempts=[attempt("Achieved")])
    assert of_goals(after, before) == {(families.EXPERIMENTS_FINISHED, "Confirm", "Confirmed", ""): 1}


@pytest.mark.parametrize(
    ("outcome", "reason", "counts"),
    [
        ("Achieved", None, {("Confirmed", ""): 1, "useful": 100, "wasted": 5}),
        ("Failed", "Futile", {("ConfirmationFailed", "Futile"): 1, "useful": 100, "wasted": 5}),
        ("Failed", "Crash", {("ConfirmationFailed", "Crash"): 1, "wasted": 105}),
        ("SeedMissing", "NodeLost", {("SeedMissing", "NodeLost"): 1, "wasted": 105}),
        ("Interrupted", "Deadline", {}),  # its experiment is superseded
    ],
)
def test_a_confirmation_counts_when_it_ends(outcome, reason, counts):
    ended = attempt(outcome, reason=reason, seconds=100.0, gpu_seconds=105.0)
    found = of_goals(GoalStatus(attempts=[ended]), GoalStatus(attempts=[attempt()]), gpus=1)
    uses = {use: found.pop((families.GPU_SECONDS, use), 0) for use in ("useful", "wasted")}
    settled = {
        tuple(labels): amount for (_, purpose, *labels), amount in found.items() if purpose == "Confirm"
    }
    assert +Counter(settled | uses) == counts
    assert of_goals(GoalStatus(attempts=[ended]), GoalStatus(attempts=[ended])) == {}


def test_a_verdict_counts_once_and_again_after_a_raised_budget():
    verdict = Verdict(verdict="NotAchieved", reason="NeverNominated", message="")
    ended = GoalStatus(phase="NotAchieved", finish_time=THEN, verdict=verdict)
    count = {(families.GOALS_FINISHED, "NotAchieved", "NeverNominated"): 1}
    assert of_goals(ended) == count
    assert of_goals(ended, ended) == {}
    assert of_goals(ended.model_copy(update={"finish_time": LATER}), ended) == count


@pytest.mark.parametrize(
    ("phase", "kind", "reason"),
    [("Refused", "Accepted", "Undecidable"), ("Failed", "DatasetReady", "DatasetChanged")],
)
def test_a_goal_that_could_not_be_decided_says_why(phase, kind, reason):
    conditions = [
        Condition(type=kind, status="False", reason=reason, last_transition_time=THEN),
        Condition(type="Reconciled", status="False", reason="StorageFailed", last_transition_time=THEN),
    ]
    status = GoalStatus(phase=phase, finish_time=THEN, conditions=conditions)
    assert of_goals(status) == {(families.GOALS_FINISHED, phase, reason): 1}


def test_what_is_progress():
    moved = [
        (GoalStatus(), GoalStatus(phase="Searching")),
        (GoalStatus(), GoalStatus(experiments=[line("Dropped")])),
        (GoalStatus(attempts=[attempt()]), GoalStatus(attempts=[attempt("Failed")])),
        (ExperimentStatus(), ExperimentStatus(phase="Running")),
        (ExperimentStatus(runs=[run()]), ExperimentStatus(runs=[run("Scored", score=0.1)])),
    ]
    stood = [
        (GoalStatus(), GoalStatus(conditions=[Condition(
            type="Reconciled", status="False", reason="StorageFailed", last_transition_time=THEN,
        )])),
        (ExperimentStatus(runs=[run()]), ExperimentStatus(runs=[run(reason="Unschedulable")])),
        (ExperimentStatus(runs=[run("Running")]), ExperimentStatus(runs=[run(failures=1)])),
    ]  # fmt: skip
    assert Counter(progressed(*each) for each in moved + stood) == {True: len(moved), False: len(stood)}


def test_a_control_counts_once_with_what_it_found():
    leak = Finding(type="Leak", severity="Blocks", message="")
    checked = Integrity(index=1, control="digits-i001", seconds=100.0, gpu_seconds=105.0)
    after = GoalStatus(integrity=[checked])
    assert of_goals(after, gpus=1) == {
        (families.EXPERIMENTS_FINISHED, "Control", "Completed", ""): 1,
        (families.GPU_SECONDS, "useful"): 100, (families.GPU_SECONDS, "wasted"): 5,
    }  # fmt: skip
    assert of_goals(after, after, gpus=1) == {}
    blocked = GoalStatus(integrity=[checked.model_copy(update={"findings": [leak], "gpu_seconds": 0.0})])
    assert of_goals(blocked) == {(families.EXPERIMENTS_FINISHED, "Control", "Blocked", "Leak"): 1}
    assert of_goals(GoalStatus(integrity=[Integrity(index=1)])) == {}  # without a control
