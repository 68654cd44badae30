"""What a goal tells one of its experiments: how many seeds may run, or what became of it."""

from dataclasses import dataclass
from typing import Literal

from seedbed.api import Experiment, ResearchGoal

SettledPhase = Literal["Completed", "Dropped", "Failed", "Superseded"]
_PHASES: dict[str, SettledPhase] = {"Dropped": "Dropped", "Failed": "Failed", "SeedMissing": "Failed"}


@dataclass(frozen=True)
class Directive:
    """`open` seeds, in their order, may run; `settled` says that none will any more."""

    open: int
    paused: bool = False
    settled: SettledPhase | None = None


def directive_for(goal: ResearchGoal | None, experiment: Experiment) -> Directive:
    """Read an experiment's directive off its goal's status; without a goal every seed may run."""
    spec = experiment.spec
    if spec.goal is None:
        return Directive(len(spec.seeds) if spec.approved else 0)
    if goal is None:
        return Directive(0, settled="Superseded")
    name = experiment.metadata.name
    for line in goal.status.experiments:
        if line.name == name:
            return Directive(0, settled=_PHASES.get(line.outcome, "Completed"))
    if any(each.control == name for each in goal.status.integrity):
        return Directive(0, settled="Completed")
    for attempt in goal.status.attempts:
        if attempt.experiment == name and attempt.outcome != "Open":
            return Directive(0, settled="Superseded" if attempt.outcome == "Interrupted" else "Completed")
    if goal.status.finished:
        return Directive(0, settled="Superseded")
    if goal.spec.suspend:
        return Directive(0, paused=True)
    return Directive(goal.status.open.get(name, 0) if spec.approved else 0)
