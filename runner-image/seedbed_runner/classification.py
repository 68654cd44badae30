"""The metrics of a classification in numbers, by scikit-learn; `metrics` is the only caller.

Class averages run over the classes that occur among the labels, so that the bound of 1 stays within reach
where a class is missing from a small split.
"""

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp
from scipy.stats import rankdata
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
    roc_auc_score,
)

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
    macro = {"labels": present, "average": "macro", "zero_division": 0.0}
    weighted = {"average": "weighted", "zero_division": 0.0}
    found = {
        "accuracy": accuracy_score(labels, predicted),
        "balanced_accuracy": recall_score(labels, predicted, **macro),
        "f1_macro": f1_score(labels, predicted, **macro),
        "log_loss": math.fsum(item_losses(labels, logits)) / len(labels),
        "f1_weighted": f1_score(labels, predicted, **weighted),
        "precision_macro": precision_score(labels, predicted, **macro),
        "precision_weighted": precision_score(labels, predicted, **weighted),
        "recall_macro": recall_score(labels, predicted, **macro),
        "recall_weighted": recall_score(labels, predicted, **weighted),
        "matthews": matthews_corrcoef(labels, predicted),
        "ece": calibration_error(labels, logits),
    }
    if logits.shape[1] == 2:
        found["f1"] = f1_score(labels, predicted, zero_division=0.0)
        found["precision"] = precision_score(labels, predicted, zero_division=0.0)
        found["recall"] = recall_score(labels, predicted, zero_division=0.0)
    if len(present) > 1:
        found |= areas(labels, logits)
    return {name: float(value) for name, value in found.items()}


def areas(labels: Ints, logits: Reals) -> dict[str, float]:
    """Areas under the ROC and the precision-recall curve: of the second of two classes, else class by class.

    One class against all others, and the plain mean over the classes that occur among the labels.
    """
    ranks = class_ranks(logits)
    classes = [1] if logits.shape[1] == 2 else list(np.unique(labels))
    by_class = partial(_mean_over, classes, labels, ranks)
    return {"roc_auc": by_class(roc_auc_score), "pr_auc": by_class(average_precision_score)}


def _mean_over(classes: list[int], labels: Ints, ranks: Doubles, area: object) -> float:
    assert callable(area)
    return float(np.mean([area(labels == one, ranks[:, one]) for one in classes]))


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
