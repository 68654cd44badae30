"""One candidate's exploration: how many seeds it may run, and what it comes to.

Seeds run one after the other, each only if those before it did not drop the candidate: so the seeds that are
spent depend on scores and never on timing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed.api import Experiment
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import ExperimentLine
from seedbed.engine.aims import Aim, merit
from seedbed.engine.intervals import mean, sample_sd


@dataclass(frozen=True)
class Exploration:
    """Where an exploration stands after the seeds that count.

    `scores` are theirs, turned, for each aim; `diverged` is theirs. `open` is how many seeds may run;
    `outcome` is None while one of them is missing, Complete when all q seeds are scored and none dropped the
    candidate.
    """

    scores: tuple[tuple[float, ...], ...]
    diverged: tuple[bool, ...]
    open: int
    outcome: Literal["Dropped", "Failed", "SeedMissing", "Blocked", "Complete"] | None = None
    reason: str | None = None
    message: str | None = None
    parameters: int | None = None


def explore(
    experiment: Experiment | None, count: int, aims: Sequence[Aim], spreads: Sequence[float]
) -> Exploration:
    """Judge the runs of an exploration in the order of their seeds; a candidate fails by any of the aims.

    Args:
        experiment: the exploration, if it is there.
        count: how many of its seeds are to run.
        aims: the goal's targets.
        spreads: σ̂ of each, as this candidate sees it.
    """
    runs = {run.seed: run for run in experiment.status.runs} if experiment else {}
    seeds = experiment.spec.seeds if experiment else []
    scores: tuple[tuple[float, ...], ...] = ((),) * len(aims)
    diverged: tuple[bool, ...] = ()
    parameters = None
    for position in range(count):
        run = runs.get(seeds[position]) if position < len(seeds) else None
        if run is None or not run.ended:
            return Exploration(scores, diverged, position + 1, parameters=parameters)
        own = scores_of(run, aims)
        if own is None:
            outcome: Literal["Failed", "SeedMissing"] = "Failed" if run.phase == "Failed" else "SeedMissing"
            return Exploration(
                scores, diverged, position + 1, outcome, run.reason, run.message, parameters
            )  # fmt: skip
        if run.unsound is not None:
            return Exploration(
                scores, diverged, position + 1, "Blocked", "Unsound", run.unsound, parameters
            )  # fmt: skip
        scores = tuple((*before, score) for before, score in zip(scores, own, strict=True))
        diverged, parameters = (*diverged, run.diverged), run.parameters
        if any(aim.drops(own, sd) for aim, own, sd in zip(aims, scores, spreads, strict=True)):
            return Exploration(scores, diverged, position + 1, "Dropped", parameters=parameters)
    return Exploration(scores, diverged, count, "Complete", parameters=parameters)


def scores_of(run: RunStatus, aims: Sequence[Aim]) -> list[float] | None:
    """A run's turned score for each aim; None unless it was scored."""
    scores = [score for aim in aims if (score := aim.score(run)) is not None]
    return scores if run.phase == "Scored" and len(scores) == len(aims) else None


def gpu_seconds(experiment: Experiment) -> float:
    """GPU seconds of every attempt at every run, whether or not it counts."""
    running = sum(run.seconds + run.spent_seconds for run in experiment.status.runs)
    return running * experiment.spec.resources.gpus


def counted(runs: Sequence[RunStatus], seeds: Sequence[int]) -> tuple[int, float]:
    """How many of these seeds have ended, and their running time in seconds."""
    ended = [run for run in runs if run.seed in seeds and run.ended]
    return len(ended), sum(run.seconds for run in ended)


def line(
    index: int, view: Exploration, experiment: Experiment, outcome: str, aims: Sequence[Aim]
) -> ExperimentLine:
    """What the goal keeps of a settled experiment, in the metrics' own units."""
    own = [aim.view.scores(scores) for aim, scores in zip(aims, view.scores, strict=True)]
    scores = own[0]
    runs, seconds = counted(experiment.status.runs, experiment.spec.seeds[: view.open])
    return ExperimentLine.model_validate(
        {
            "index": index,
            "name": experiment.metadata.name,
            "outcome": outcome,
            "reason": view.reason,
            "message": view.message,
            "scores": list(scores),
            "also": {aim.metric.name: list(each) for aim, each in zip(aims[1:], own[1:], strict=True)},
            "diverged": list(view.diverged),
            "merit": merit(aims, view.scores) if scores else None,
            "mean": mean(scores) if scores else None,
            "sd": sample_sd(scores) if len(scores) > 1 else None,
            "n": len(scores),
            "parameters": view.parameters,
            "assurance": experiment.status.assurance if experiment.spec.model.source is not None else None,
            "runs": runs,
            "seconds": seconds,
            "gpu_seconds": gpu_seconds(experiment),
            "tokens": experiment.spec.tokens,
        }
    )
