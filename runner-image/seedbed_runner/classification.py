"""The metrics of a classification in numbers, by scikit-learn but for the areas; called by `metrics` alone.

Class averages run over the classes that occur among the labels, so that the bound of 1 stays within reach
where a class is missing from a small split.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp
from scipy.stats import rankdata
from sklearn import config_context
from sklearn.metrics import accuracy_score, matthews_corrcoef, precision_recall_fscore_support

from seedbed_runner.areas import weighted_areas
from seedbed_runner.contract.metrics import LEAST_PROBABILITY

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
Doubles = NDArray[np.float64]

BINS = 15  # of confidence, equally wide: Guo et al. 2017 (1706.04599)


def classification(labels: Ints, logits: Reals) -> dict[str, float]:
    """Every metric by name that these labels have a value of (`refusals` says which they have not).

    Args:
        labels: true classes (rows).
        logits: unnormalised log probabilities (rows × classes); the largest one is the predicted class.
    """
    predicted, present = logits.argmax(axis=1), np.unique(labels)
    with config_context(skip_parameter_validation=True):  # a third of the time, and the arguments are ours
        found = {
            "accuracy": accuracy_score(labels, predicted),
            **_averages(labels, predicted, present),
            "log_loss": math.fsum(item_losses(labels, logits)) / len(labels),
            "matthews": matthews_corrcoef(labels, predicted),
            "ece": calibration_error(labels, logits),
        }
        if logits.shape[1] == 2:
            second = (each.item() for each in _by_class(labels, predicted, [1]))
            found |= dict(zip(("precision", "recall", "f1"), second, strict=True))
        if len(present) > 1:
            found |= areas(labels, logits)
    return {name: float(value) for name, value in found.items()}


def _averages(labels: Ints, predicted: Ints, present: Ints) -> dict[str, float]:
    """Over the classes that occur: each counts alike (macro), or by its rows (weighted)."""
    precision, recall, f1 = _by_class(labels, predicted, present)
    by_name = {"f1": f1, "precision": precision, "recall": recall}
    rows = np.unique(labels, return_counts=True)[1]
    return {
        "balanced_accuracy": np.average(recall),
        **{f"{name}_macro": np.average(each) for name, each in by_name.items()},
        **{f"{name}_weighted": np.average(each, weights=rows) for name, each in by_name.items()},
    }


def _by_class(labels: Ints, predicted: Ints, classes: Ints | list[int]) -> tuple[Doubles, Doubles, Doubles]:
    """Precision, recall and F1 of each of `classes`; 0 where there is nothing to divide by."""
    found = precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0.0)
    precision, recall, f1 = found[:3]
    return precision, recall, f1


def areas(labels: Ints, logits: Reals) -> dict[str, float]:
    """Areas under the ROC and the precision-recall curve: of the second of two classes, else class by class.

    One class against all others, and the plain mean over the classes that occur among the labels.
    """
    ranks, once = class_ranks(logits), np.ones((1, len(labels)), dtype=np.int64)
    classes = [1] if logits.shape[1] == 2 else list(np.unique(labels))
    roc, average = zip(*(weighted_areas(labels == one, ranks[:, one], once) for one in classes), strict=True)
    return {"roc_auc": float(np.mean(roc)), "pr_auc": float(np.mean(average))}


def class_ranks(logits: Reals) -> Doubles:
    """The rank of each row by the odds of each class (rows × classes): all that an area depends on.

    Of odds, not probabilities: those of sure models round to 1, and rows that differ would be ties.
    """
    chances = log_softmax(logits.astype(np.float64), axis=1)
    rows, best = np.arange(len(logits)), logits.argmax(axis=1)
    others = chances.copy()
    others[rows, best] = -np.inf
    with np.errstate(divide="ignore"):
        odds = chances - np.log1p(-np.exp(np.minimum(chances, math.log(0.5))))
        odds[rows, best] = chances[rows, best] - logsumexp(others, axis=1)
    ranks: Doubles = rankdata(odds, axis=0)
    return ranks


def calibration_error(labels: Ints, logits: Reals) -> float:
    """Mean over the rows of |accuracy − confidence| of the row's bin."""
    bins, gap = calibration_gaps(labels, logits)
    return float(np.abs(np.bincount(bins, gap, BINS)).sum() / len(labels))


def calibration_gaps(labels: Ints, logits: Reals) -> tuple[Ints, Doubles]:
    """Each row's bin of confidence, and 1 where it is right, else 0, less its confidence."""
    confidence = np.exp(log_softmax(logits.astype(np.float64), axis=1).max(axis=1))
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return bins, (logits.argmax(axis=1) == labels) - confidence


def item_losses(labels: Ints, logits: Reals) -> Doubles:
    """−log p of each row's true class (rows), p at least `LEAST_PROBABILITY`."""
    probabilities = log_softmax(logits.astype(np.float64), axis=1)
    given = probabilities[np.arange(len(labels)), labels]
    losses: Doubles = -np.maximum(given, math.log(LEAST_PROBABILITY))
    return losses
