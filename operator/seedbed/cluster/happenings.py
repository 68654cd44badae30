"""What a person wants to read under `kubectl describe`, told from the change of a status: pure.

The status holds how things are; these sentences hold how they came about. `events` writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seedbed.api import Condition, ExperimentStatus, GoalStatus
from seedbed.api.experiment import RunStatus

_EXPECTED = frozenset({"Preparing", "Searching"})  # reasons of conditions that are as they should be
_ON_THE_WAY = frozenset({"Starting", "Fetching"})  # every run waits for these a moment


@dataclass(frozen=True)
class Happening:
    """One thing that happened; `reason` is CamelCase, `seed` the run's that it happened to."""

    reason: str
    message: str
    type: Literal["Normal", "Warning"] = "Normal"
    seed: int | None = None


def of_goal(before: GoalStatus, after: GoalStatus) -> Iterator[Happening]:
    """What happened to a goal between two statuses, in the order in which it is decided."""
    old = {condition.type: condition for condition in before.conditions}
    for condition in after.conditions:
        if condition.type != "Achieved":  # the verdict tells it
            yield from _of_condition(old.get(condition.type), condition)
    for decision in after.decisions:
        if decision not in before.decisions:
            yield Happening("Decided", decision.message)
    if (before.phase == "Suspended") != (after.phase == "Suspended"):
        suspended = after.phase == "Suspended"
        yield (
            Happening("Suspended", "no run is started until it is resumed")
            if suspended
            else Happening("Resumed", "runs are started again")
        )
    if after.verdict is not None and after.verdict != before.verdict:
        kind: Literal["Normal", "Warning"] = (
            "Warning" if after.verdict.verdict == "Inconclusive" else "Normal"
        )
        yield Happening(after.verdict.verdict, after.verdict.message, kind)


def of_experiment(before: ExperimentStatus, after: ExperimentStatus) -> Iterator[Happening]:
    """The same of an experiment: its runs, and its end."""
    old = {condition.type: condition for condition in before.conditions}
    for condition in after.conditions:
        yield from _of_condition(old.get(condition.type), condition)
    if after.message and after.message != before.message:
        yield Happening(after.phase, after.message, "Normal" if after.phase == "Pending" else "Warning")
    runs = {run.seed: run for run in before.runs}
    for run in after.runs:
        yield from _of_run(runs.get(run.seed, RunStatus(seed=run.seed)), run)
    if after.phase != before.phase and after.phase in ("Completed", "Dropped", "Superseded"):
        mean = f", mean {after.aggregate.mean:.4f} over {after.aggregate.n}" if after.aggregate else ""
        yield Happening(after.phase, f"{after.phase.lower()}{mean}")


def _of_condition(before: Condition | None, after: Condition) -> Iterator[Happening]:
    same = before and (before.status, before.reason, before.message) == (
        after.status,
        after.reason,
        after.message,
    )
    if same or not (after.message or after.status == "True"):
        return
    wrong = after.status == "False" and after.reason not in _EXPECTED
    message = after.message or f"{after.type} is {after.status}"
    yield Happening(after.reason, message, "Warning" if wrong else "Normal")


def _of_run(before: RunStatus, after: RunStatus) -> Iterator[Happening]:
    seed, reason, why = after.seed, after.reason or after.phase, after.message or "no reason given"
    if after.ended and not before.ended:
        if after.phase == "Scored":
            diverged = ", diverged" if after.diverged else ""
            yield Happening("Scored", f"seed {seed}: {after.score:.4f}{diverged}", seed=seed)
        else:
            yield Happening(reason, f"seed {seed} {after.phase.lower()}: {why}", "Warning", seed)
    elif after.failures > before.failures:
        lost = f"seed {seed}: attempt {after.attempt} was lost, to be tried again: {why}"
        yield Happening(reason, lost, "Warning", seed)
    elif after.phase == "Waiting" and after.reason not in (None, before.reason, *_ON_THE_WAY):
        yield Happening(reason, f"seed {seed} waits: {why}", "Warning", seed)
