"""What the change of a status counts for: pure functions from the resource as it was and its new status.

Whoever wrote the change counts it, once: a restart counts nothing again. Each experiment is settled exactly
once, by its goal (a line, a check or an attempt in the goal's status), by being superseded, or, standing
alone, by its own end; its GPU time is counted then, because only then it is known what it was for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from seedbed.api import Experiment, ExperimentStatus, GoalStatus, ResearchGoal
from seedbed.api.experiment import RunPhase, RunStatus
from seedbed.api.progress import Attempt
from seedbed.cluster import families
from seedbed.cluster.families import Family
from seedbed.cluster.reasons import classed
from seedbed.engine.budget import FAILED
from seedbed.engine.exploration import gpu_seconds
from seedbed_runner.contract.records import MODEL_FAILURES

SETTLED = frozenset({"Completed", "Dropped", "Failed", "Superseded"})
_OUTCOMES: dict[RunPhase, str] = {"Scored": "Succeeded", "Failed": "Failed", "Missing": "Missing"}
# Interrupted is none of them: its experiment is superseded, and counted as that.
_CONFIRMATIONS = {"Achieved": "Confirmed", "Failed": "ConfirmationFailed", "SeedMissing": "SeedMissing"}


@dataclass(frozen=True)
class Count:
    """What to add to a counter's series."""

    family: Family
    labels: tuple[str, ...]
    amount: float = 1.0


def of_goal(goal: ResearchGoal, after: GoalStatus) -> Iterator[Count]:
    """What a goal's new status counts for."""
    before, namespace, gpus = goal.status, goal.metadata.namespace, goal.spec.resources.gpus
    if after.finish_time is not None and after.finish_time != before.finish_time:
        yield Count(families.GOALS_FINISHED, (namespace, after.phase, _why(after)))
    known = {line.index for line in before.experiments}
    for line in after.experiments:
        if line.index not in known:
            yield _settled(namespace, "Explore", line.outcome, line.reason)
            useful = 0.0 if line.outcome in FAILED else line.seconds * gpus
            yield from _gpu(namespace, useful, line.gpu_seconds)
    checked = {check.control for check in before.integrity}
    for check in after.integrity:
        if check.control is not None and check.control not in checked:
            finding = check.blocking
            outcome = "Blocked" if finding else "Completed"
            yield _settled(namespace, "Control", outcome, finding.type if finding else None)
            yield from _gpu(namespace, check.seconds * gpus, check.gpu_seconds)
    were = {attempt.attempt: attempt.outcome for attempt in before.attempts}
    for attempt in after.attempts:
        if attempt.outcome in _CONFIRMATIONS and were.get(attempt.attempt, "Open") == "Open":
            yield _settled(namespace, "Confirm", _CONFIRMATIONS[attempt.outcome], attempt.reason)
            useful = attempt.seconds * gpus if _in_a_number(attempt) else 0.0
            yield from _gpu(namespace, useful, attempt.gpu_seconds)


def of_experiment(experiment: Experiment, after: ExperimentStatus, orphan: bool = False) -> Iterator[Count]:
    """What an experiment's new status counts for: its runs, and its end unless its goal tells it.

    An `orphan`'s goal was deleted: it is superseded, but if it was over it was counted before.
    """
    namespace, purpose = experiment.metadata.namespace, purpose_of(experiment)
    before = {run.seed: run for run in experiment.status.runs}
    for run in after.runs:
        yield from _of_run(namespace, purpose, before.get(run.seed, RunStatus(seed=run.seed)), run)
    if after.phase == experiment.status.phase or (orphan and experiment.status.phase in SETTLED):
        return
    if after.phase in SETTLED:
        for run in after.runs:
            if run.attempt and not run.ended:
                yield Count(families.RUNS_FINISHED, (namespace, purpose, "Superseded", ""))
    if after.phase in ("Superseded", "Refused") or (purpose == "Standalone" and after.phase in SETTLED):
        yield from _ended_itself(experiment, after)


def progressed(before: GoalStatus | ExperimentStatus, after: GoalStatus | ExperimentStatus) -> bool:
    """Whether a run ended, or the goal or experiment came to another state."""
    return _state(before) != _state(after)


def purpose_of(experiment: Experiment) -> str:
    """Explore, Control or Confirm within a goal, Standalone without one."""
    return experiment.spec.purpose if experiment.spec.goal else "Standalone"


def _of_run(namespace: str, purpose: str, before: RunStatus, after: RunStatus) -> Iterator[Count]:
    if after.attempt > before.attempt and not after.ended:  # else a record that was there was adopted
        yield Count(families.RUN_ATTEMPTS, (namespace,))
    if lost := max(0, after.failures - before.failures):
        yield Count(families.RUN_RETRIES, (namespace, classed(after.reason)), lost)
    if after.ended and not before.ended:
        outcome = _OUTCOMES[after.phase]
        yield Count(families.RUNS_FINISHED, (namespace, purpose, outcome, classed(after.reason)))


def _ended_itself(experiment: Experiment, after: ExperimentStatus) -> Iterator[Count]:
    namespace = experiment.metadata.namespace
    culprit = next((run for run in after.runs if run.ended and run.phase != "Scored"), None)
    reason = culprit.reason if culprit and after.phase == "Failed" else None
    yield _settled(namespace, purpose_of(experiment), after.phase, reason)
    scored = sum(run.seconds for run in after.runs if run.phase == "Scored")
    useful = 0.0 if after.phase == "Superseded" else scored * experiment.spec.resources.gpus
    yield from _gpu(namespace, useful, gpu_seconds(experiment.model_copy(update={"status": after})))


def _settled(namespace: str, purpose: str, outcome: str, reason: str | None) -> Count:
    return Count(families.EXPERIMENTS_FINISHED, (namespace, purpose, outcome, classed(reason)))


def _gpu(namespace: str, useful: float, spent: float) -> Iterator[Count]:
    for use, seconds in (("useful", useful), ("wasted", spent - useful)):
        if seconds > 0:
            yield Count(families.GPU_SECONDS, (namespace, use), seconds)


def _in_a_number(attempt: Attempt) -> bool:
    """Whether a confirmation's scores are in its result: not if a seed of it has none."""
    return attempt.outcome != "SeedMissing" and attempt.reason not in MODEL_FAILURES


def _why(status: GoalStatus) -> str:
    """The verdict's reason, or of a goal that could not be decided what stood in the way."""
    if status.verdict is not None:
        return classed(status.verdict.reason)
    blocked = (each for each in status.conditions if each.type in ("Accepted", "DatasetReady"))
    return classed(next((each.reason for each in blocked if each.status == "False"), None))


def _state(status: GoalStatus | ExperimentStatus) -> tuple[object, ...]:
    if isinstance(status, GoalStatus):
        outcomes = [attempt.outcome for attempt in status.attempts]
        return status.phase, status.finish_time, len(status.experiments), outcomes
    return status.phase, [run.seed for run in status.runs if run.ended]
