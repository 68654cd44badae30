"""One candidate's exploration: how many seeds it may run, and what it comes to.

Seeds run one after the other, each only if those before it did not drop the candidate: so the seeds that are
spent depend on scores and never on timing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed.api import Experiment
from seedbed.api.experiment import RunStatus
from seedbed.api.goal import ExperimentLine
from seedbed.engine.claims import drops
from seedbed.engine.intervals import SeedScores, mean, sample_sd


@dataclass(frozen=True)
class Exploration:
    """Where an exploration stands after the seeds that count.

    `open` is how many seeds may run; `outcome` is None while one of them is missing, Complete when all q
    seeds are scored and none dropped the candidate.
    """

    seeds: SeedScores
    open: int
    outcome: Literal["Dropped", "Failed", "SeedMissing", "Complete"] | None = None
    reason: str | None = None
    message: str | None = None
    parameters: int | None = None

    @property
    def mean(self) -> float:
        """Mean validation score of the seeds that count."""
        return mean(self.seeds.scores)


def explore(experiment: Experiment | None, count: int, target: float, sd: float) -> Exploration:
    """Judge the runs of an exploration in the order of their seeds; `sd` is σ̂ as this candidate sees it."""
    runs = {run.seed: run for run in experiment.status.runs} if experiment else {}
    seeds = experiment.spec.seeds if experiment else []
    scores: list[float] = []
    diverged: list[bool] = []
    parameters = None
    for position in range(count):
        run = runs.get(seeds[position]) if position < len(seeds) else None
        so_far = SeedScores(tuple(scores), tuple(diverged))
        if run is None or not run.ended:
            return Exploration(so_far, position + 1, parameters=parameters)
        if run.phase != "Scored" or run.score is None:
            outcome: Literal["Failed", "SeedMissing"] = "Failed" if run.phase == "Failed" else "SeedMissing"
            return Exploration(so_far, position, outcome, run.reason, run.message, parameters)
        scores.append(run.score)
        diverged.append(run.diverged)
        parameters = run.parameters
        if drops(scores, target, sd):
            so_far = SeedScores(tuple(scores), tuple(diverged))
            return Exploration(so_far, position + 1, "Dropped", parameters=parameters)
    return Exploration(SeedScores(tuple(scores), tuple(diverged)), count, "Complete", parameters=parameters)


def spent(runs: Sequence[RunStatus], gpus: int) -> tuple[int, float, float]:
    """Runs that ended, their running time in seconds, and the GPU seconds of all attempts."""
    ended = sum(run.ended for run in runs)
    total = sum(run.seconds + run.spent_seconds for run in runs)
    return ended, sum(run.seconds for run in runs), total * gpus


def line(index: int, name: str, view: Exploration, experiment: Experiment, outcome: str) -> ExperimentLine:
    """What the goal keeps of a settled experiment."""
    scores = view.seeds.scores
    ended, running, gpu_seconds = spent(experiment.status.runs, experiment.spec.resources.gpus)
    return ExperimentLine.model_validate(
        {
            "index": index,
            "name": name,
            "outcome": outcome,
            "reason": view.reason,
            "message": view.message,
            "scores": list(scores),
            "diverged": list(view.seeds.diverged),
            "mean": mean(scores) if scores else None,
            "sd": sample_sd(scores) if len(scores) > 1 else None,
            "n": len(scores),
            "parameters": view.parameters,
            "runs": ended,
            "seconds": running,
            "gpu_seconds": gpu_seconds,
            "tokens": experiment.spec.tokens,
        }
    )


def seeds_of(line: ExperimentLine) -> SeedScores:
    """A settled line's scores, for what is pooled over candidates."""
    return SeedScores(tuple(line.scores), tuple(line.diverged))
