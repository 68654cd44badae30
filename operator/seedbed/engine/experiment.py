"""`decide_experiment`: the runs of one experiment, each to its record, whatever happens on the way.

The record (`result.json`) is what ends a run; it is looked at before anything is started. A run without a
record whose attempt is gone was lost, and is started again with the same seed as the next attempt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from seedbed.api import Experiment, ExperimentSpec, ExperimentStatus
from seedbed.api.common import seconds
from seedbed.api.experiment import Aggregate, RunStatus
from seedbed.api.explain import model_problems
from seedbed.engine.actions import (
    Decision,
    ExperimentAction,
    PatchExperiment,
    PrepareDataset,
    RecordFailure,
    StartRun,
    StopRun,
)
from seedbed.engine.directive import Directive
from seedbed.engine.hardware import hardware
from seedbed.engine.instants import to_epoch, to_text
from seedbed.engine.intervals import in_short, mean, sample_sd, t_interval
from seedbed.engine.observation import Preparation, RunObservation
from seedbed.engine.soundness import unsound
from seedbed_runner.contract.metrics import LATENCY, metric_problem, own_metric
from seedbed_runner.contract.records import Card, RunResult

MAX_INFRASTRUCTURE_FAILURES = 5
FIRST_BACKOFF, LONGEST_BACKOFF = 10.0, 300.0
DEADLINE_GRACE = 60.0  # the supervisor ends a run at its deadline; this is for a supervisor that can't
MESSAGE_LENGTH = 240
LOOK_AGAIN = 30.0  # seconds, at what somebody else must put right
USUAL_START = 10.0  # seconds; what keeps a run for longer is looked for then, though nothing is heard of it
UNAPPROVED = "its runs wait for a person: `research-agent approve`, or set `spec.approved`"
ASSURANCES = ("none", "limited", "trusted-code", "sealed")  # weakest first


@dataclass(frozen=True)
class ExperimentState:
    """All that `decide_experiment` looks at."""

    experiment: Experiment
    directive: Directive
    preparation: Preparation
    records: Mapping[int, RunResult]
    runs: Mapping[int, RunObservation]
    now: float


@dataclass
class _Plan:
    """Actions by kind: failures are recorded first, the status is written before anything starts."""

    record: list[RecordFailure] = field(default_factory=list)
    stop: list[StopRun] = field(default_factory=list)
    start: list[StartRun] = field(default_factory=list)
    wake: list[float] = field(default_factory=list)


def decide_experiment(state: ExperimentState) -> Decision:
    """The next actions for one experiment."""
    experiment, plan = state.experiment, _Plan()
    if problem := static_problem(experiment):
        return _refused(experiment, problem)
    card = state.preparation.card
    if card is None and not _is_over(state):
        return _prepare(state)
    if card is not None and (problem := data_problem(experiment, card)):
        return _refused(experiment, problem)
    state = replace(state, experiment=by_own_metric(experiment, card))
    before = {run.seed: run for run in experiment.status.runs}
    runs = []
    for position, seed in enumerate(experiment.spec.seeds):
        run = before.get(seed, RunStatus(seed=seed))
        runs.append(run if run.ended else _advance(state, run, position < state.directive.open, plan))
    status = _status(state, runs)
    if experiment.spec.named_metric is None:
        status = status.model_copy(update={"metric": state.experiment.metric})
    actions: list[ExperimentAction] = [*plan.record, *plan.stop]
    if status != experiment.status:
        actions.append(PatchExperiment(status))
    return Decision((*actions, *plan.start), min(plan.wake, default=None))


def static_problem(experiment: Experiment) -> str | None:
    """Why an experiment that somebody wrote can't be trained whatever its data: a sentence, or None.

    The schema lets any layer pass. A goal's experiments come from its planner, which resolved their layers.
    """
    if experiment.spec.goal is not None or experiment.status.runs:
        return None
    return "; ".join(model_problems(experiment.spec.model.document())) or None


def by_own_metric(experiment: Experiment, card: Card | None) -> Experiment:
    """The experiment with its metric named: where it names none, that of its data once they are known."""
    own = experiment.metric or (own_metric(card) if card is not None else None)
    return experiment.model_copy(update={"spec": experiment.spec.model_copy(update={"named_metric": own})})


def data_problem(experiment: Experiment, card: Card) -> str | None:
    """Why an experiment that somebody wrote has no score on these data: a sentence, or None."""
    if experiment.spec.goal is not None or experiment.status.runs:
        return None
    named = (by_own_metric(experiment, card).spec.metric, *experiment.spec.also)
    return "; ".join(said for name in named if (said := metric_problem(name, card))) or None


def _refused(experiment: Experiment, problem: str) -> Decision:
    update = {
        "phase": "Refused",
        "message": problem[:1024],
        "observed_generation": experiment.metadata.generation,
    }
    status = experiment.status.model_copy(update=update)
    return Decision((PatchExperiment(status),) if status != experiment.status else ())


def _is_over(state: ExperimentState) -> bool:
    """Whether nothing will start any more, so that no data are needed."""
    ended = {run.seed for run in state.experiment.status.runs if run.ended}
    return state.directive.settled is not None or ended.issuperset(state.experiment.spec.seeds)


def _prepare(state: ExperimentState) -> Decision:
    """Data that are not ready: have them prepared, wait, or refuse with the reason."""
    preparation, status = state.preparation, state.experiment.status
    if preparation.phase == "Absent":
        return Decision((PrepareDataset(),))
    phase = "Refused" if preparation.phase == "Failed" else "Pending"
    again = state.now + LOOK_AGAIN if preparation.phase == "Blocked" else None
    message = preparation.message or None
    if status.message != message:
        generation = state.experiment.metadata.generation
        update = {"phase": phase, "message": message, "observed_generation": generation}
        return Decision((PatchExperiment(status.model_copy(update=update)),), again)
    return Decision(look_again_at=again)


def _advance(state: ExperimentState, run: RunStatus, may_run: bool, plan: _Plan) -> RunStatus:
    """One run that has not ended: what it is now, and what to do about it."""
    record, seen = state.records.get(run.seed), state.runs.get(run.seed)
    if record is not None:
        return _recorded(state, run, record)
    if seen is not None and seen.attempt >= run.attempt:
        run = run.model_copy(update={"attempt": seen.attempt})  # larger: this status was made anew meanwhile
        if seen.phase != "Ended":
            return _live(state, run, seen, may_run, plan)
        if run.retry_at is None:  # else this attempt's failure is counted already
            run = _ended(state, run, seen, plan)
    if run.ended or not may_run:
        return run if run.ended else run.model_copy(update={"phase": "Waiting"})
    if run.retry_at and to_epoch(run.retry_at) > state.now:
        plan.wake.append(to_epoch(run.retry_at))
        return run
    attempt = run.attempt + 1
    plan.start.append(StartRun(run.seed, attempt))
    return run.model_copy(
        update={"attempt": attempt, "phase": "Waiting", "reason": None, "message": None, "retry_at": None}
    )


def _recorded(state: ExperimentState, run: RunStatus, record: RunResult) -> RunStatus:
    """A run's final state, from its record."""
    failure, spec = record.failure, state.experiment.spec
    doubt = unsound(record, spec, state.preparation.card)
    return run.model_copy(
        update={
            "phase": record.outcome,
            "attempt": max(run.attempt, record.attempt),
            "reason": failure.reason if failure else None,
            "message": failure.message[:MESSAGE_LENGTH] if failure else None,
            "score": record.score,
            "also": {name: record.metrics[name] for name in spec.also if name in record.metrics}
            | _latency(record, spec),
            "hardware": hardware(record.fingerprint) if spec.latency else None,
            "item_variances": {
                name: value
                for name, value in record.item_variances.items()
                if name in (spec.metric, *spec.also)
            },
            "diverged": record.diverged,
            "parameters": record.parameters,
            "assurance": record.assurance,
            "unsound": doubt[:MESSAGE_LENGTH] if doubt else None,
            "seconds": record.train_seconds,
            "retry_at": None,
        }
    )


def _latency(record: RunResult, spec: ExperimentSpec) -> dict[str, float]:
    """The measured latency by its name, where it was asked for and is there."""
    if not spec.latency or record.latency_ms is None:
        return {}
    return {LATENCY.name: record.latency_ms}


def _live(
    state: ExperimentState, run: RunStatus, seen: RunObservation, may_run: bool, plan: _Plan
) -> RunStatus:
    """An attempt under way: stopped when it may not run, or when it is beyond a deadline."""
    deadlines = state.experiment.spec.deadlines
    if not may_run:
        plan.stop.append(StopRun(run.seed))
        spent = run.spent_seconds + (seen.seconds if run.phase == "Running" else 0.0)
        return run.model_copy(
            update={"phase": "Waiting", "reason": None, "message": None, "spent_seconds": spent}
        )
    if seen.phase == "Waiting":
        limit = seen.since + seconds(deadlines.start)
        if state.now >= limit:
            plan.stop.append(StopRun(run.seed))
            waited = f"did not start within {deadlines.start}: {seen.message or 'no reason given'}"
            return _failed_by_infrastructure(state, run, seen, "StartDeadline", waited, plan)
        plan.wake.append(limit)
        if state.now < seen.since + USUAL_START:
            plan.wake.append(seen.since + USUAL_START)
        return _with(run, "Waiting", seen.reason, seen.message)
    limit = seen.since + seconds(deadlines.run) + DEADLINE_GRACE
    if state.now >= limit:
        plan.stop.append(StopRun(run.seed))
        return _failed_by_model(run, seen, "Deadline", f"still running after {deadlines.run}", plan)
    plan.wake.append(limit)
    return _with(run, "Running", None, None)


def _ended(state: ExperimentState, run: RunStatus, seen: RunObservation, plan: _Plan) -> RunStatus:
    """An attempt that is over and left no record."""
    if seen.failure == "Model":
        return _failed_by_model(run, seen, seen.reason, seen.message, plan)
    reason, message = seen.reason or "RecordMissing", seen.message or "the run ended without a record"
    return _failed_by_infrastructure(state, run, seen, reason, message, plan)


def _failed_by_model(
    run: RunStatus, seen: RunObservation, reason: str, message: str, plan: _Plan
) -> RunStatus:
    plan.record.append(RecordFailure(run.seed, run.attempt, reason, message, seen.seconds))
    return _with(run, "Failed", reason, message).model_copy(update={"seconds": seen.seconds})


def _failed_by_infrastructure(
    state: ExperimentState, run: RunStatus, seen: RunObservation, reason: str, message: str, plan: _Plan
) -> RunStatus:
    """One more infrastructure failure: try again later with the same seed, or give the seed up as missing."""
    failures = run.failures + 1
    spent = run.spent_seconds + seen.seconds
    if failures >= MAX_INFRASTRUCTURE_FAILURES:
        missing = _with(run, "Missing", reason, message)
        return missing.model_copy(update={"failures": failures, "spent_seconds": spent, "retry_at": None})
    retry_at = state.now + min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF)
    plan.wake.append(retry_at)
    waiting = _with(run, "Waiting", reason, message)
    return waiting.model_copy(
        update={
            "failures": failures,
            "spent_seconds": spent,
            "retry_at": to_text(retry_at),
            "attempt": run.attempt,
        }
    )


def _with(run: RunStatus, phase: str, reason: str | None, message: str | None) -> RunStatus:
    text = message[:MESSAGE_LENGTH] if message else None
    return run.model_copy(update={"phase": phase, "reason": reason or None, "message": text})


def aggregate(runs: list[RunStatus], confidence: float = 0.95) -> Aggregate | None:
    """What the scored runs say together: mean of all, interval, diverged, and the converged ones apart."""
    scored = [run for run in runs if run.phase == "Scored" and run.score is not None]
    scores = [run.score for run in scored if run.score is not None]
    if not scores:
        return None
    converged = [run.score for run in scored if not run.diverged and run.score is not None]
    interval, inner = t_interval(scores, confidence), t_interval(converged, confidence)
    return Aggregate(
        n=len(scores),
        mean=mean(scores),
        sd=sample_sd(scores) if len(scores) > 1 else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        diverged=len(scores) - len(converged),
        converged_mean=mean(converged) if converged else None,
        converged_low=inner.low if inner else None,
        converged_high=inner.high if inner else None,
        in_short=in_short(mean(scores), interval, len(scores), len(scores) - len(converged)),
    )


def _status(state: ExperimentState, runs: list[RunStatus]) -> ExperimentStatus:
    """The experiment's status over its runs as they are now."""
    old, directive = state.experiment.status, state.directive
    scored = [run for run in runs if run.phase == "Scored"]
    return old.model_copy(
        update={
            "phase": _phase(directive, runs),
            "observed_generation": state.experiment.metadata.generation,
            "message": None if state.experiment.spec.approved else UNAPPROVED,
            "runs": runs,
            "aggregate": aggregate(runs),
            "assurance": weakest_assurance(scored),
        }
    )


def weakest_assurance(runs: Sequence[RunStatus]) -> str | None:
    """The weakest assurance under which any of these runs was graded; None without runs."""
    return min((run.assurance or "none" for run in runs), key=ASSURANCES.index, default=None)


def _phase(directive: Directive, runs: list[RunStatus]) -> str:
    if directive.settled:
        return directive.settled
    if all(run.ended for run in runs):
        return "Completed" if all(run.phase == "Scored" for run in runs) else "Failed"
    if directive.paused:
        return "Suspended"
    return "Running" if any(run.attempt for run in runs) else "Pending"
