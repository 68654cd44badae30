"""From a snapshot to the plain values that are shown of it: candidates with their seeds, the confirmation.

Pure: the live view, the last picture after a goal's end and `show` are all drawn from a `Scene`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import Attempt
from seedbed.engine.instants import to_epoch
from seedbed.engine.naming import control_name
from seedbed.local.loop import Snapshot
from seedbed.report.content import ExperimentRow
from seedbed.report.tables import experiment_rows
from seedbed.report.text import clean, score

Starts = Mapping[
    tuple[str, int], float
]  # (experiment, seed) -> start of a run under way, seconds since the epoch


@dataclass(frozen=True)
class SeedCell:
    """One seed: `text` says what is known, `since` when it started if it runs."""

    state: str  # as RunStatus.phase
    text: str
    since: float | None = None


@dataclass(frozen=True)
class Candidate:
    """One exploration: the report's row, and what is going on with it now."""

    row: ExperimentRow
    outcome: str
    seeds: tuple[SeedCell, ...]

    @property
    def idea(self) -> str:
        """What is tried here: the change from its parent, or else its hypothesis."""
        what = self.row.change or self.row.hypothesis
        return f"from {self.row.parent}: {what}" if self.row.parent else what


@dataclass(frozen=True)
class Confirmation:
    """One attempt with its seeds; `goal` is how many seeds the next look takes."""

    attempt: Attempt
    seeds: tuple[SeedCell, ...]


@dataclass(frozen=True)
class Scene:
    """All there is to show of a goal."""

    goal: ResearchGoal
    candidates: tuple[Candidate, ...]
    confirmations: tuple[Confirmation, ...]


def scene_of(goal: ResearchGoal, snapshot: Snapshot) -> Scene:
    """The scene of a goal's snapshot."""
    starts = {(name, seed): since for name, seed, since in snapshot.running}
    by_name = {experiment.metadata.name: experiment for experiment in snapshot.experiments}
    rows = experiment_rows(goal, snapshot.experiments, {})
    return Scene(
        goal=goal,
        candidates=tuple(_candidate(goal, row, by_name.get(row.name), starts) for row in rows),
        confirmations=tuple(
            Confirmation(attempt, _confirmation_cells(goal, attempt, by_name.get(attempt.experiment), starts))
            for attempt in goal.status.attempts
        ),
    )


def _candidate(
    goal: ResearchGoal, row: ExperimentRow, experiment: Experiment | None, starts: Starts
) -> Candidate:
    settled = any(line.index == row.index for line in goal.status.experiments)
    cells = (
        seed_cells(experiment, starts)
        if experiment
        else tuple(SeedCell("Scored", score(s)) for s in row.scores)
    )
    if settled:
        cells = tuple(cell for cell in cells if cell.state in ("Scored", "Failed", "Missing"))
    outcome = _outcome(goal, row, experiment, settled)
    if outcome == "running" and not any(cell.state == "Running" for cell in cells):
        outcome = "waiting"  # for a core, or for its turn while a confirmation runs
    return Candidate(row, outcome, cells)


def _outcome(goal: ResearchGoal, row: ExperimentRow, experiment: Experiment | None, settled: bool) -> str:
    """In words: what came of it, or what it waits for."""
    attempt = next((a for a in goal.status.attempts if a.index == row.index and a.outcome == "Open"), None)
    if attempt is not None:
        return "in confirmation"
    if control_name(goal.metadata.name, row.index) in goal.status.open:
        return "in control"
    if settled:
        return row.outcome
    if experiment is not None and not experiment.spec.approved:
        return "waits for approval"
    return {"completed": "waits its turn", "pending": "waiting"}.get(row.outcome, row.outcome)


def _confirmation_cells(
    goal: ResearchGoal, attempt: Attempt, experiment: Experiment | None, starts: Starts
) -> tuple[SeedCell, ...]:
    """The seeds up to the next look, or those that counted once it is over."""
    if experiment is None:
        return tuple(SeedCell("Scored", score(each)) for each in attempt.scores)
    cells = seed_cells(experiment, starts)
    opened = goal.status.open.get(attempt.experiment, 0)
    if attempt.outcome != "Open":
        return tuple(cell for cell in cells if cell.state in ("Scored", "Failed", "Missing"))
    return cells[: max(opened, len(attempt.scores))]


def seed_cells(experiment: Experiment, starts: Starts) -> tuple[SeedCell, ...]:
    """Every seed of an experiment, in order."""
    runs = {run.seed: run for run in experiment.status.runs}
    return tuple(
        _cell(runs.get(seed, RunStatus(seed=seed)), starts.get((experiment.metadata.name, seed)))
        for seed in experiment.spec.seeds
    )


def _cell(run: RunStatus, since: float | None) -> SeedCell:
    if run.phase == "Scored":
        return SeedCell("Scored", f"{score(run.score)}{' diverged' if run.diverged else ''}")
    if run.phase in ("Failed", "Missing"):
        return SeedCell(run.phase, clean(run.reason or run.phase, 64))
    if since is not None:
        return SeedCell("Running", "", since)
    return SeedCell("Waiting", "again soon" if run.failures else "")


def working_seconds(goal: ResearchGoal, now: float) -> float:
    """How long a goal has been worked on, pauses left out."""
    status = goal.status
    if status.start_time is None:
        return 0.0
    end = status.finish_time or status.paused_since
    passed = (to_epoch(end) if end else now) - to_epoch(status.start_time)
    return max(0.0, passed - status.paused_seconds)
