"""The baseline of a goal that asks for an improvement: whether it can serve, and its frozen scores.

A baseline is an Experiment that was run once on the same sealed split, with seeds fixed beforehand. Its
scores are copied into the goal's status before the search begins: the target never moves after that, and the
Experiment may be deleted.
"""

from dataclasses import dataclass

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.objective import Improvement
from seedbed.api.progress import BaselineStatus
from seedbed.engine.claims_relative import baseline_problem, relative_factor, relative_target
from seedbed.engine.confirmation import ASSURED
from seedbed.engine.intervals import mean, sample_sd
from seedbed.engine.orientation import Orientation
from seedbed_runner.contract.metrics import METRICS


@dataclass(frozen=True)
class Waits:
    """It is not ready, for a reason that may pass."""

    why: str


@dataclass(frozen=True)
class Unfit:
    """It can't serve."""

    why: str


def frozen(
    goal: ResearchGoal, improvement: Improvement, experiment: Experiment | None
) -> BaselineStatus | Waits | Unfit:
    """The baseline as the goal keeps it, or why there is none.

    Args:
        goal: the goal.
        improvement: what it asks for.
        experiment: the Experiment that it names, if there is one.
    """
    if experiment is None:
        return Waits(f"waits for the baseline: there is no Experiment {improvement.over}")
    if problem := _other(goal, experiment):
        return Unfit(f"Experiment {improvement.over} can't be the baseline: {problem}")
    runs = {run.seed: run for run in experiment.status.runs}
    ended = [run for seed in experiment.spec.seeds if (run := runs.get(seed)) is not None and run.ended]
    if len(ended) < len(experiment.spec.seeds):
        so_far = f"{len(ended)} of {len(experiment.spec.seeds)} seeds are over"
        return Waits(f"waits for the baseline, Experiment {improvement.over}: {so_far}")
    scores = [run.score for run in ended if run.phase == "Scored" and run.score is not None]
    if problem := _short(experiment, scores):
        return Unfit(f"Experiment {improvement.over} can't be the baseline: {problem}")
    metric = METRICS[goal.spec.objective.metric]
    view, factor = (
        Orientation(metric.direction),
        relative_factor(improvement.by, metric.direction == "Minimize"),
    )
    return BaselineStatus(
        experiment=experiment.metadata.name, uid=experiment.metadata.uid, scores=scores, n=len(scores),
        mean=mean(scores), sd=sample_sd(scores),
        target=view.inward(relative_target(view.scores(scores), factor)),
    )  # fmt: skip


def _other(goal: ResearchGoal, experiment: Experiment) -> str | None:
    """How the Experiment differs from what the goal's confirmations are."""
    spec, objective = experiment.spec, goal.spec.objective
    if spec.purpose != "Confirm":
        return "it is scored on the validation split; make one with `purpose: Confirm`"
    if experiment.metric not in (None, objective.metric):  # None: its data are not known, nor any score
        return f"its metric is {experiment.metric}, the goal's is {objective.metric}"
    if spec.dataset != goal.spec.dataset:
        return "its `dataset` is not the goal's to the letter: another split is another test"
    return None


def _short(experiment: Experiment, scores: list[float]) -> str | None:
    """What its runs lack."""
    if len(scores) < len(experiment.spec.seeds):
        missing = len(experiment.spec.seeds) - len(scores)
        return f"{missing} of its {len(experiment.spec.seeds)} seeds have no score"
    assurance = experiment.status.assurance or "none"
    if assurance not in ASSURED:
        return f"the assurance of its runs is {assurance}"
    return baseline_problem(scores)
