"""The metrics of `contract.metrics` in numbers. Called by `score` and by `prepare` for the baselines.

The class averages run over the classes that occur among the labels, so that the bound of 1 stays within
reach where a class is missing from a small split.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

from seedbed_runner.contract.metrics import LEAST_PROBABILITY

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]

RESAMPLES = 1000


def compute(labels: Ints, logits: Reals) -> dict[str, float]:
    """Every metric by name.

    Args:
        labels: true classes (rows).
        logits: unnormalised log probabilities (rows × classes); the largest one is the predicted class.
    """
    predicted = logits.argmax(axis=1)
    average = {"labels": np.unique(labels), "average": "macro", "zero_division": 0.0}
    return {
        "accuracy": float(accuracy_score(labels, predicted)),
        "balanced_accuracy": float(recall_score(labels, predicted, **average)),
        "f1_macro": float(f1_score(labels, predicted, **average)),
        "log_loss": math.fsum(item_losses(labels, logits)) / len(labels),
    }


def item_losses(labels: Ints, logits: Reals) -> NDArray[np.float64]:
    """−log p of each row's true class (rows), p at least `LEAST_PROBABILITY`."""
    probabilities = log_softmax(logits.astype(np.float64), axis=1)
    given = probabilities[np.arange(len(labels)), labels]
    losses: NDArray[np.float64] = -np.maximum(given, math.log(LEAST_PROBABILITY))
    return losses


def constant(labels: Ints, rows: int, classes: int) -> Reals:
    """Logits (rows × classes) of the predictor that knows the labels' frequencies and nothing else."""
    with np.errstate(divide="ignore"):
        frequencies = np.log(np.bincount(labels, minlength=classes) / len(labels))
    return np.tile(frequencies, (rows, 1))


def chance(labels: Ints) -> dict[str, float]:
    """Every metric of the predictor that knows the frequencies of `labels` and nothing else."""
    return compute(labels, constant(labels, len(labels), int(labels.max()) + 1))


def item_variances(labels: Ints, logits: Reals, seed: int) -> dict[str, float]:
    """What one item contributes to each metric's variance: items × variance over bootstrap samples of them.

    For log loss, a mean over items, it is the losses' variance; the class averages are computed on 1,000
    resamples (Efron 1979). Accuracy needs none: it is p(1 − p).

    Args:
        labels: true classes (rows).
        logits: as for `compute`.
        seed: of the resamples; the same for every run on these labels.
    """
    present, true = np.unique(labels, return_inverse=True)
    cells = true * logits.shape[1] + logits.argmax(axis=1)
    drawn, rows = np.random.default_rng(seed), len(labels)
    sampled = np.array([
        _class_averages(cells[drawn.integers(rows, size=rows)], present, logits.shape[1])
        for _ in range(RESAMPLES)
    ])  # fmt: skip
    recall, f1 = rows * sampled.var(axis=0, ddof=1)
    return {
        "balanced_accuracy": float(recall),
        "f1_macro": float(f1),
        "log_loss": float(item_losses(labels, logits).var()),
    }


def _class_averages(cells: Ints, present: Ints, classes: int) -> tuple[float, float]:
    """Mean recall and mean F1 over the classes that occur in a sample; `cells` are (true, predicted)."""
    counts = np.bincount(cells, minlength=len(present) * classes).reshape(len(present), classes)
    hits, true = counts[np.arange(len(present)), present], counts.sum(axis=1)
    there = true > 0
    f1 = 2 * hits[there] / (true + counts.sum(axis=0)[present])[there]
    return float((hits[there] / true[there]).mean()), float(f1.mean())


def confusion(labels: Ints, predicted: Ints, classes: int) -> list[list[int]]:
    """Counts, true class (rows) by predicted class (columns)."""
    counts: list[list[int]] = confusion_matrix(labels, predicted, labels=np.arange(classes)).tolist()
    return counts
