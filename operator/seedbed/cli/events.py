"""What happened between two snapshots, one line each: for logs, pipes and screen readers.

Pure; a first snapshot (nothing before it) says where things stand, so that a goal that goes on does not tell
its whole past again.
"""

from collections.abc import Iterator

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.experiment import RunStatus
from seedbed.cli.confirming import look_in_words
from seedbed.cli.panels import baselines_in_words, data_in_words, met_by, target_in_words
from seedbed.local.loop import Snapshot
from seedbed.report.text import clean, count, duration, score


def events(before: Snapshot | None, after: Snapshot) -> list[str]:
    """The lines to print, in the order in which things are decided."""
    if before is None:
        return list(_beginning(after))
    known = {experiment.metadata.name: experiment for experiment in before.experiments}
    old = [each for each in after.experiments if each.metadata.name in known]
    lines = [line for each in old for line in _run_events(known[each.metadata.name], each)]
    if before.goal is not None and after.goal is not None:
        lines += _goal_events(before.goal, after.goal)
    for new in (each for each in after.experiments if each.metadata.name not in known):
        lines += [f"{new.metadata.name} started: {_idea(new)}", *_run_events(None, new)]
    return lines


def _beginning(snapshot: Snapshot) -> Iterator[str]:
    goal = snapshot.goal
    if goal is None:
        for experiment in snapshot.experiments:
            yield f"{experiment.metadata.name}: {_asked(experiment)}"
        return
    yield f"goal: {clean(goal.spec.goal, 400)}"
    yield f"target: {target_in_words(goal)}"
    yield from _data_events(None, goal)
    if goal.status.experiments:
        best = (
            f"; best so far {goal.status.best.experiment}, {score(goal.status.best.mean)}"
            if goal.status.best
            else ""
        )
        yield f"{count(len(goal.status.experiments), 'experiment')} settled before{best}"


def _asked(experiment: Experiment) -> str:
    spec = experiment.spec
    return f"{experiment.metric_in_words} on {spec.dataset.name} over {count(len(spec.seeds), 'seed')}"


def _goal_events(before: ResearchGoal, after: ResearchGoal) -> Iterator[str]:
    yield from _data_events(before, after)
    for number, attempt in enumerate(after.status.attempts):
        known = len(before.status.attempts[number].looks) if number < len(before.status.attempts) else 0
        for look in attempt.looks[known:]:
            yield f"attempt {attempt.attempt}, look at {look.n} seeds: {look_in_words(look)}"
    for told in after.status.decisions:
        if told not in before.status.decisions:
            yield clean(told.message, 240)
    if after.status.phase == "Suspended" != before.status.phase:
        yield "suspended: no run is started until it is resumed"


def _data_events(before: ResearchGoal | None, after: ResearchGoal) -> Iterator[str]:
    if after.status.dataset is None or (before is not None and before.status.dataset is not None):
        return
    yield f"data: {data_in_words(after)}"
    yield f"baselines on validation: {baselines_in_words(after)}"
    if met := met_by(after):
        yield met


def _run_events(before: Experiment | None, after: Experiment) -> Iterator[str]:
    runs = {run.seed: run for run in before.status.runs} if before else {}
    for run in after.status.runs:
        yield from _run_event(after.metadata.name, runs.get(run.seed, RunStatus(seed=run.seed)), run)


def _idea(experiment: Experiment) -> str:
    spec = experiment.spec
    if spec.purpose == "Control":
        return f"experiment {spec.index} again, on permuted labels: it must score at chance"
    if spec.attempt:
        return f"experiment {spec.index} again, on fresh seeds and the test split (attempt {spec.attempt})"
    approval = "" if spec.approved else " (waits for approval)"
    change = f"from {spec.parent}: {spec.change}" if spec.parent and spec.change else spec.hypothesis
    return (clean(change, 400) or _asked(experiment)) + approval


def _run_event(name: str, before: RunStatus, run: RunStatus) -> Iterator[str]:
    if run.ended and not before.ended:
        if run.phase == "Scored":
            diverged = ", diverged" if run.diverged else ""
            yield f"{name} seed {run.seed}: {score(run.score)}{diverged} ({duration(run.seconds)})"
        else:
            yield f"{name} seed {run.seed} {run.phase.lower()}: {run.reason}: {clean(run.message, 240)}"
    elif run.failures > before.failures:
        why = clean(run.message, 240)
        yield f"{name} seed {run.seed}: attempt {run.attempt} was lost, to be tried again: {why}"
