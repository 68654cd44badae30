"""The metrics of `contract.metrics` in numbers; called by `score`, by `prepare` and by the evaluator.

What the labels are tells the task: whole numbers are classes, and the predictions are logits; real numbers
are values to be regressed on, and the predictions are rows × 1.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from seedbed_runner.bootstrap import classification_variances, regression_variances
from seedbed_runner.classification import classification, item_losses
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import ClassScores, Mistake
from seedbed_runner.regression import regression

__all__ = [
    "by_class", "chance", "compute", "confusion", "constant", "item_losses", "item_variances", "mistakes",
    "refusals",
]  # fmt: skip

MOST_CLASSES = 50  # that a record tells of one by one
MOST_IN_MATRIX = 256  # classes whose confusion a record holds: 0.4 MB of the 4 MB that it may have
MOST_MISTAKES = 200  # that it names of more classes

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
Labels = NDArray[np.int64] | NDArray[np.float32]


def is_regression(labels: Labels) -> bool:
    """Whether labels are values and not classes."""
    return labels.dtype.kind == "f"


def compute(labels: Labels, predictions: Reals) -> dict[str, float]:
    """Every metric by name that these labels have a value of.

    Args:
        labels: true classes or values (rows).
        predictions: logits (rows × classes), or values (rows × 1).
    """
    if is_regression(labels):
        return regression(labels, predictions)  # type: ignore[arg-type]
    return classification(labels, predictions)  # type: ignore[arg-type]


def constant(labels: Ints, rows: int, classes: int) -> Reals:
    """Logits (rows × classes) of the predictor that knows the labels' frequencies and nothing else."""
    with np.errstate(divide="ignore"):
        frequencies = np.log(np.bincount(labels, minlength=classes) / len(labels))
    return np.tile(frequencies, (rows, 1))


def chance(labels: Labels) -> dict[str, float]:
    """Every metric of the predictor that knows the frequencies of `labels`, or their mean, and no more."""
    if is_regression(labels):
        return compute(labels, np.full((len(labels), 1), labels.mean(dtype=np.float64)))
    classes = max(2, int(labels.max()) + 1)
    return compute(labels, constant(labels, len(labels), classes))  # type: ignore[arg-type]


def diverged(values: Mapping[str, float], metric: str, by_chance: Mapping[str, float]) -> bool:
    """Whether a run with these metrics has learnt nothing: its metric tells, or the one that judges it.

    Args:
        values: of the run, by name.
        metric: what it is scored by.
        by_chance: as `chance` gives for the same labels.
    """
    judge = METRICS[METRICS[metric].judged_by or metric]
    return judge.diverged(values[judge.name], by_chance[judge.name])


def item_variances(labels: Labels, predictions: Reals, seed: int) -> dict[str, float]:
    """What one item brings to each metric's variance, by name (`bootstrap`); not of accuracy: p(1 − p)."""
    if is_regression(labels):
        return regression_variances(labels, predictions, seed)  # type: ignore[arg-type]
    return classification_variances(labels, predictions, seed)  # type: ignore[arg-type]


def confusion(labels: Ints, predicted: Ints, classes: int) -> list[list[int]]:
    """Counts, true class (rows) by predicted class (columns)."""
    counts: list[list[int]] = confusion_matrix(labels, predicted, labels=np.arange(classes)).tolist()
    return counts


def mistakes(labels: Ints, predicted: Ints, classes: int) -> list[Mistake]:
    """The commonest mistakes, without a table of all pairs."""
    wrong = labels != predicted
    pairs, rows = np.unique(labels[wrong] * classes + predicted[wrong], return_counts=True)
    commonest = np.argsort(-rows, kind="stable")[:MOST_MISTAKES]  # of equally common ones, by class
    return [Mistake(*divmod(int(pairs[place]), classes), int(rows[place])) for place in commonest]


def by_class(labels: Ints, predicted: Ints, classes: int) -> list[ClassScores]:
    """Precision, recall and F1 of each class; of the 50 with the least F1 where there are more."""
    numbers = precision_recall_fscore_support(labels, predicted, labels=np.arange(classes), zero_division=0.0)
    found = [
        ClassScores(label, int(rows), float(precision), float(recall), float(f1))
        for label, (precision, recall, f1, rows) in enumerate(zip(*numbers, strict=True))
    ]
    worst = sorted(found, key=lambda each: (each.f1, each.label))[:MOST_CLASSES]
    return sorted(worst, key=lambda each: each.label)


def refusals(labels: Mapping[str, Labels], classes: int) -> dict[str, str]:
    """The metrics of their task that scored labels have no value of, each with the reason in a sentence.

    Args:
        labels: of the scored splits, by name.
        classes: how many there are.
    """
    return dict(_refusals(labels, classes))


def _refusals(labels: Mapping[str, Labels], classes: int) -> Iterator[tuple[str, str]]:
    for name, part in labels.items():
        if len(np.unique(part)) > 1:
            continue
        if is_regression(part):
            for metric in ("r2", "pearson", "spearman"):
                yield (
                    metric,
                    f"{metric} needs values that differ, and those of the {name} split are all equal",
                )
        else:
            for metric in ("roc_auc", "pr_auc"):
                yield metric, f"{metric} needs rows of two classes, and the {name} split has one class only"
    if classes > 2:
        for each in METRICS.values():
            if each.two_classes:
                other = f"{each.name}_macro"
                yield each.name, f"{each.name} is of two classes, these data have {classes}: use {other}"
