"""One run at a time through everything that can happen to it."""

from dataclasses import replace

import pytest

from fakes.memory import card, goal
from seedbed.api import ExperimentStatus
from seedbed.api.experiment import RunStatus
from seedbed.engine.actions import PatchExperiment, Propose, RecordFailure, StartRun, StopRun
from seedbed.engine.directive import Directive
from seedbed.engine.experiment import (
    MAX_INFRASTRUCTURE_FAILURES,
    USUAL_START,
    ExperimentState,
    aggregate,
    decide_experiment,
    weakest_assurance,
)
from seedbed.engine.observation import Preparation, RunObservation
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile
from seedbed_runner.contract.records import Failure, RunResult

NOW = 1_000_000.0
READY = Preparation("Ready", card())


def experiment(*runs, seeds=2):
    layers = [{"type": "Linear", "out_features": "classes"}]
    proposal = Proposal.model_validate({"hypothesis": "", "model": {"layers": layers}, "training": {}})
    made = build_experiment(goal(seeds={"explore": seeds}), Propose(1, 0), proposal, card(), Profile())
    return made.model_copy(update={"status": ExperimentStatus(runs=list(runs))})


def decide(made, records=None, runs=None, directive=None, preparation=READY, now=NOW):
    state = ExperimentState(made, directive or Directive(2), preparation, records or {}, runs or {}, now)
    assert decide_experiment(state) == decide_experiment(state)
    return decide_experiment(state)


def only(decision, kind):
    return [action for action in decision.actions if isinstance(action, kind)]


def status(decision):
    (patch,) = only(decision, PatchExperiment)
    return patch.status


def record(seed=0, score=0.9, failure=None, **update):
    made = RunResult(
        run_uid="u", experiment="e", experiment_hash="h", seed=seed, attempt=1, purpose="Explore",
        split="validation",
        outcome="Failed" if failure else "Scored", metric="accuracy", data_hash="d", assurance="trusted-code",
        started_at=0.0, finished_at=1.0, score=None if failure else score, failure=failure, parameters=10,
        train_seconds=2.0, items=1000, metrics={} if failure else {"accuracy": score},
    )  # fmt: skip
    return replace(made, **update)


def test_the_attempt_is_in_the_status_before_it_starts():
    decision = decide(experiment())
    assert decision.actions[-2:] == (StartRun(0, 1), StartRun(1, 1))
    assert isinstance(decision.actions[0], PatchExperiment)
    assert [run.attempt for run in status(decision).runs] == [1, 1]


def with_layers(made, *layers, goal=None):
    model = made.spec.model.model_copy(update={"layers": list(layers)})
    return made.model_copy(update={"spec": made.spec.model_copy(update={"goal": goal, "model": model})})


def test_layers_that_the_schema_let_pass_are_refused_before_the_data_are_prepared():
    made = with_layers(experiment(), {"type": "Shell"})
    decision = decide(made, preparation=Preparation("Absent"))
    refused = status(decision)
    assert refused.phase == "Refused" and len(decision.actions) == 1
    assert refused.message.startswith("spec.model.layers[0].type: 'Shell' is no layer")
    assert decide(made.model_copy(update={"status": refused})).actions == ()


def test_what_runs_already_or_came_from_a_planner_is_not_refused_for_its_layers():
    for made in (
        with_layers(experiment(RunStatus(seed=0, attempt=1)), {"type": "Shell"}),
        with_layers(experiment(), {"type": "Shell"}, goal="g"),
    ):
        assert only(decide(made), StartRun)


def test_only_open_seeds_start():
    assert only(decide(experiment(), directive=Directive(1)), StartRun) == [StartRun(0, 1)]
    assert only(decide(experiment(), directive=Directive(0)), StartRun) == []


def test_a_record_ends_a_run_and_nothing_starts():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    decision = decide(made, records={0: record(score=0.75)})
    (run,) = status(decision).runs
    assert (run.phase, run.score, run.seconds, run.parameters) == ("Scored", 0.75, 2.0, 10)
    assert not only(decision, StartRun)
    assert status(decision).phase == "Completed"


def test_a_record_is_believed_even_where_the_status_knows_nothing():
    (run,) = status(decide(experiment(seeds=1), records={0: record()})).runs
    assert run.phase == "Scored"


def test_a_lost_attempt_is_made_again_with_the_same_seed_and_counts_no_failure():
    made = experiment(RunStatus(seed=0, attempt=3, phase="Running"), seeds=1)
    decision = decide(made)
    assert only(decision, StartRun) == [StartRun(0, 4)]
    assert status(decision).runs[0].failures == 0


def test_infrastructure_failures_back_off_then_leave_the_seed_missing():
    made, now, waits = experiment(seeds=1), NOW, []
    for failure in range(1, MAX_INFRASTRUCTURE_FAILURES + 1):
        started = decide(made, now=now)
        assert only(started, StartRun) == [StartRun(0, failure)]
        made = made.model_copy(update={"status": status(started)})
        over = {0: RunObservation(failure, "Ended", seconds=3.0, failure="Infrastructure", reason="NodeLost")}
        ended = decide(made, runs=over, now=now)
        made = made.model_copy(update={"status": status(ended)})
        (run,) = made.status.runs
        assert run.failures == failure and run.spent_seconds == pytest.approx(3.0 * failure)
        if run.phase != "Missing":
            again = decide(made, runs=over, now=now)
            assert again.actions == () and again.look_again_at == ended.look_again_at
            waits.append(ended.look_again_at - now)
            now = ended.look_again_at
    assert waits == pytest.approx([10, 20, 40, 80])
    assert run.phase == "Missing" and run.reason == "NodeLost"
    assert made.status.phase == "Failed"


def test_an_attempt_that_ended_without_record_is_an_infrastructure_failure():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    (run,) = status(decide(made, runs={0: RunObservation(1, "Ended")})).runs
    assert (run.failures, run.reason, run.phase) == (1, "RecordMissing", "Waiting")


def test_a_model_failure_that_the_world_saw_is_recorded_before_the_status():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    seen = {0: RunObservation(1, "Ended", failure="Model", reason="OutOfMemory", message="killed")}
    decision = decide(made, runs=seen)
    assert decision.actions[0] == RecordFailure(0, 1, "OutOfMemory", "killed", 0.0)
    assert status(decision).runs[0].phase == "Failed"


def test_a_recorded_model_failure_is_a_result():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    decision = decide(made, records={0: record(failure=Failure("NonFinite", "loss is nan"))})
    (run,) = status(decision).runs
    assert (run.phase, run.reason, run.score) == ("Failed", "NonFinite", None)
    assert status(decision).phase == "Failed" and not only(decision, StartRun)


def test_waiting_too_long_is_the_infrastructures_fault():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Waiting"), seeds=1)
    seen = {0: RunObservation(1, "Waiting", since=NOW - 1800, message="no node has room")}
    decision = decide(made, runs=seen)
    assert only(decision, StopRun) == [StopRun(0)]
    (run,) = status(decision).runs
    assert run.reason == "StartDeadline" and "no node has room" in run.message and run.failures == 1


def test_running_beyond_the_deadline_and_its_grace_is_the_models_fault():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    decision = decide(made, runs={0: RunObservation(1, "Running", since=NOW - 1261, seconds=1261)})
    assert only(decision, StopRun) and only(decision, RecordFailure)[0].reason == "Deadline"
    within = decide(made, runs={0: RunObservation(1, "Running", since=NOW - 1259, seconds=1259)})
    assert within.actions == () or not only(within, StopRun)
    assert within.look_again_at == pytest.approx(NOW + 1)


def test_a_run_that_waits_is_looked_at_once_more_before_its_deadline():
    made = experiment(RunStatus(seed=0, attempt=1), seeds=1)
    at_first = decide(made, runs={0: RunObservation(1, "Waiting", since=NOW)})
    assert at_first.look_again_at == NOW + USUAL_START
    later = decide(made, runs={0: RunObservation(1, "Waiting", since=NOW - USUAL_START)})
    assert later.look_again_at == NOW - USUAL_START + 1800


def test_a_paused_experiment_stops_its_runs_and_says_so():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    decision = decide(made, runs={0: RunObservation(1, "Running", NOW)}, directive=Directive(0, paused=True))
    assert only(decision, StopRun) == [StopRun(0)]
    assert status(decision).phase == "Suspended"


def test_a_superseded_experiment_stops_its_runs():
    made = experiment(RunStatus(seed=0, attempt=1, phase="Running"), seeds=1)
    decision = decide(
        made, runs={0: RunObservation(1, "Running", NOW)}, directive=Directive(0, settled="Superseded")
    )
    assert only(decision, StopRun) and status(decision).phase == "Superseded"


def test_an_experiment_that_waits_for_a_person_says_so():
    made = experiment()
    made = made.model_copy(update={"spec": made.spec.model_copy(update={"approved": False})})
    assert "research-agent approve" in status(decide(made, directive=Directive(0))).message
    assert status(decide(experiment(), directive=Directive(0))).message is None


def test_nothing_happens_before_the_data_are_ready():
    assert decide(experiment(), preparation=Preparation("Running")).actions == ()
    waits = decide(experiment(), preparation=Preparation("Running", message="no node takes it"))
    assert (status(waits).phase, status(waits).message) == ("Pending", "no node takes it")
    failed = decide(experiment(), preparation=Preparation("Failed", message="no such data"))
    assert status(failed).phase == "Refused" and status(failed).message == "no such data"


def test_what_is_over_needs_no_data():
    away = Preparation("Blocked", message="the store can't be reached", reason="StoreFailed")
    ended = [RunStatus(seed=seed, phase="Scored", attempt=1, score=0.9) for seed in (0, 1)]
    assert status(decide(experiment(*ended), preparation=away)).phase == "Completed"
    superseded = Directive(0, settled="Superseded")
    for preparation in (away, Preparation("Absent")):
        decision = decide(experiment(), directive=superseded, preparation=preparation)
        assert [type(action) for action in decision.actions] == [PatchExperiment]
        assert status(decision).phase == "Superseded"
    assert status(decide(experiment(ended[0]), preparation=away)).phase == "Pending"


def test_aggregate_shows_all_seeds_and_the_converged_ones_apart():
    runs = [RunStatus(seed=i, phase="Scored", score=s, diverged=d) for i, (s, d) in
            enumerate([(0.9, False), (0.8, False), (0.1, True)])]  # fmt: skip
    both = aggregate([*runs, RunStatus(seed=9, phase="Running")])
    assert (both.n, both.mean, both.diverged, both.converged_mean) == (
        3,
        pytest.approx(0.6),
        1,
        pytest.approx(0.85),
    )
    assert both.low < 0.6 < both.high
    assert aggregate([RunStatus(seed=9)]) is None


def test_the_weakest_assurance_counts():
    runs = [RunStatus(seed=0, assurance="sealed"), RunStatus(seed=1, assurance="trusted-code")]
    assert weakest_assurance(runs) == "trusted-code"
    assert weakest_assurance([*runs, RunStatus(seed=2)]) == "none"
    assert weakest_assurance([]) is None


def unnamed(named=None, **update):
    """An experiment that somebody wrote, without a metric unless one is named."""
    made = experiment()
    spec = made.spec.model_copy(update={"goal": None, "named_metric": named} | update)
    return made.model_copy(update={"spec": spec})


def on(**of):
    return {"preparation": Preparation("Ready", card(**of))}


@pytest.mark.parametrize(
    ("data", "metric"),
    [
        ({"task": "regression"}, "r2"),
        ({"metric": "matthews"}, "matthews"),
        ({}, "accuracy"),
    ],
)
def test_without_a_metric_it_is_judged_by_the_datas_own(data, metric):
    assert unnamed().metric is None and unnamed().metric_in_words == "the data's own metric"
    first = decide(unnamed(), **on(**data))
    told = status(first)
    assert told.metric == metric and only(first, StartRun)
    later = unnamed().model_copy(update={"status": told})
    assert later.metric == metric
    scored = record(metric=metric, metrics={metric: 0.4}, score=0.4)
    (run, _) = status(decide(later, {0: scored}, **on(**data))).runs
    assert (run.phase, run.score, run.unsound) == ("Scored", 0.4, None)


def test_a_metric_that_is_named_is_taken_and_stands_in_the_spec_alone():
    assert status(decide(unnamed("mae"), **on(task="regression"))).metric is None
    refused = status(decide(unnamed("accuracy"), **on(task="regression")))
    assert refused.phase == "Refused" and "accuracy is a metric of classification" in refused.message


def test_the_datas_own_metric_must_have_a_value_too():
    refused = status(decide(unnamed(), **on(metric="roc_auc", refused={"roc_auc": "one class only"})))
    assert (refused.phase, refused.message) == ("Refused", "one class only")
