"""The metrics that a goal can name: bound, resolution, chance, and when a run counts as diverged.

The numbers are computed in `seedbed_runner.metrics`; what the statistics need to know of them is here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed_runner.contract.records import Card, TaskName

Direction = Literal["Maximize", "Minimize"]

_NO_STEP = 1e-12  # of a metric in the data's own unit: scores of different runs are never equal by rounding


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as in a manifest's `spec.objective.metric`.
        title: as in a report.
        direction: whether a better value is larger or smaller.
        bound: the best possible value.
        worst: the worst possible value; infinite where there is none.
        divergence_margin: a run that beats chance by no more than this has diverged.
        by_class: it follows from the predicted classes, however sure the model was.
        task: what it judges.
        counts_items: it is a share of the items, or an average of such shares over the classes, so that
            chance and luck are binomial.
        judged_by: the metric that tells whether a run diverged, where the metric itself can't: predicting one
            class for all may well be calibrated, or find every positive.
        two_classes: it is of the second of two classes.
        in_own_unit: it has the unit of the predicted values, so no step that is known beforehand.
    """

    name: str
    title: str
    direction: Direction = "Maximize"
    bound: float = 1.0
    worst: float = 0.0
    divergence_margin: float = 0.02
    by_class: bool = True
    task: TaskName = "classification"
    counts_items: bool = False
    judged_by: str | None = None
    two_classes: bool = False
    in_own_unit: bool = False

    def resolution(self, items: int) -> float:
        """The smallest step that the score can take on `items` evaluation items (1/M for accuracy).

        Class-averaged metrics move in steps that depend on the classes' sizes and are no finer than this
        for one item of an average class. Log loss, areas and correlations have no steps: one item judged
        otherwise moves them by about this. Errors in the data's own unit have none either, nor a scale.
        """
        return _NO_STEP if self.in_own_unit else 1.0 / items

    def diverged(self, score: float, chance: float) -> bool:
        """Whether a run with this score has learnt nothing, `chance` being the score of one that can't."""
        if self.direction == "Maximize":
            return score <= chance + self.divergence_margin
        return score >= chance - self.divergence_margin

    def reaches(self, score: float, target: float) -> bool:
        """Whether a score is at least as good as a target."""
        return score >= target if self.direction == "Maximize" else score <= target


def _of_two(name: str, title: str) -> Metric:
    return Metric(name, f"{title} (of the second class)", judged_by="balanced_accuracy", two_classes=True)


def _loss(name: str, title: str, worst: float, margin: float = 0.02, judged_by: str | None = None) -> Metric:
    return Metric(name, title, "Minimize", 0.0, worst, margin, by_class=False, judged_by=judged_by)


def _error(name: str, title: str) -> Metric:
    return Metric(
        name, title, "Minimize", bound=0.0, worst=math.inf, divergence_margin=0.0, by_class=False,
        task="regression", in_own_unit=True,
    )  # fmt: skip


def _agreement(name: str, title: str, worst: float, margin: float = 0.02) -> Metric:
    return Metric(
        name, title, worst=worst, divergence_margin=margin, by_class=False, task="regression"
    )  # fmt: skip


LEAST_PROBABILITY = 2.0**-52  # of a class; keeps one item's log loss finite

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "Accuracy", counts_items=True),
        Metric("balanced_accuracy", "Balanced accuracy", counts_items=True),
        Metric("f1_macro", "F1 (macro)", counts_items=True),
        _loss("log_loss", "Log loss", worst=-math.log(LEAST_PROBABILITY)),
        Metric("f1_weighted", "F1 (weighted)"),
        Metric("precision_macro", "Precision (macro)"),
        Metric("precision_weighted", "Precision (weighted)"),
        Metric("recall_macro", "Recall (macro)"),
        Metric("recall_weighted", "Recall (weighted)"),
        _of_two("f1", "F1"),
        _of_two("precision", "Precision"),
        _of_two("recall", "Recall"),
        Metric("matthews", "Matthews correlation", worst=-1.0),
        Metric("roc_auc", "Area under the ROC curve", by_class=False),
        Metric("pr_auc", "Average precision", by_class=False),
        _loss("ece", "Expected calibration error", worst=1.0, judged_by="accuracy"),
        _error("rmse", "Root mean squared error"),
        _error("mae", "Mean absolute error"),
        _agreement("r2", "R²", worst=-math.inf, margin=0.0),
        _agreement("pearson", "Pearson correlation", worst=-1.0),
        _agreement("spearman", "Spearman correlation", worst=-1.0),
    )
}

# What a constraint bounds: a run's own, not computed from predictions, and no objective.
LATENCY = Metric(
    "latency_ms", "Latency of one row (ms)", "Minimize", bound=0.0, worst=math.inf, by_class=False,
    in_own_unit=True,
)  # fmt: skip
MEASURED = METRICS | {LATENCY.name: LATENCY}

DEFAULT_METRIC: dict[TaskName, str] = {"classification": "accuracy", "regression": "r2"}


def own_metric(card: Card) -> str:
    """What data are judged by where nobody names a metric: their authors' own, else their task's."""
    return card.metric or DEFAULT_METRIC[card.task]


def metric_problem(name: str, card: Card) -> str | None:
    """Why these data have no value of a metric, in a sentence; None if they have."""
    task = METRICS[name].task
    if task != card.task:
        others = ", ".join(other for other, metric in METRICS.items() if metric.task == card.task)
        return f"{name} is a metric of {task} but the data's task is {card.task}: use one of {others}"
    return card.refused.get(name)


def commonest_mistakes(confusion: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """(true class, predicted class, rows) of the ten commonest; `confusion`: counts, true × predicted."""
    wrong = [
        (true, predicted, rows)
        for true, counts in enumerate(confusion)
        for predicted, rows in enumerate(counts)
        if true != predicted and rows
    ]
    return sorted(wrong, key=lambda each: (-each[2], each[:2]))[:10]
