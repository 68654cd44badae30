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
    outcome: Literal["Dropped", "Failed", "SeedMissing", "Blocked", "Complete"] | None = None
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
            return Exploration(so_far, position + 1, outcome, run.reason, run.message, parameters)
        if run.unsound is not None:
            return Exploration(so_far, position + 1, "Blocked", "Unsound", run.unsound, parameters)
        scores.append(run.score)
        diverged.append(run.diverged)
        parameters = run.parameters
        if drops(scores, target, sd):
            so_far = SeedScores(tuple(scores), tuple(diverged))
            return Exploration(so_far, position + 1, "Dropped", parameters=parameters)
    return Exploration(SeedScores(tuple(scores), tuple(diverged)), count, "Complete", parameters=parameters)


def gpu_seconds(experiment: Experiment) -> float:
    """GPU seconds of every attempt at every run, whether or not it counts."""
    running = sum(run.seconds + run.spent_seconds for run in experiment.status.runs)
    return running * experiment.spec.resources.gpus


def counted(runs: Sequence[RunStatus], seeds: Sequence[int]) -> tuple[int, float]:
    """How many of these seeds have ended, and their running time in seconds."""
    ended = [run for run in runs if run.seed in seeds and run.ended]
    return len(ended), sum(run.seconds for run in ended)


def line(index: int, name: str, view: Exploration, experiment: Experiment, outcome: str) -> ExperimentLine:
    """What the goal keeps of a settled experiment."""
    scores = view.seeds.scores
    runs, seconds = counted(experiment.status.runs, experiment.spec.seeds[: view.open])
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
            "runs": runs,
            "seconds": seconds,
            "gpu_seconds": gpu_seconds(experiment),
            "tokens": experiment.spec.tokens,
        }
    )


def seeds_of(line: ExperimentLine) -> SeedScores:
    """A settled line's scores, for what is pooled over candidates."""
    return SeedScores(tuple(line.scores), tuple(line.diverged))
