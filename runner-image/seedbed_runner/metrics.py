"""The metrics of `contract.metrics` in numbers. Called by `score` and by `prepare` for the baselines.

The class averages run over the classes that occur among the labels, so that the bound of 1 stays within
reach where a class is missing from a small split.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

Ints = NDArray[np.int64]


def compute(labels: Ints, predicted: Ints) -> dict[str, float]:
    """Every metric by name.

    Args:
        labels: true classes (rows).
        predicted: predicted classes (rows).
    """
    average = {"labels": np.unique(labels), "average": "macro", "zero_division": 0.0}
    return {
        "accuracy": float(accuracy_score(labels, predicted)),
        "balanced_accuracy": float(recall_score(labels, predicted, **average)),
        "f1_macro": float(f1_score(labels, predicted, **average)),
    }


def chance(labels: Ints) -> dict[str, float]:
    """Every metric for always predicting the most frequent class of `labels`."""
    return compute(labels, np.full_like(labels, np.bincount(labels).argmax()))


def confusion(labels: Ints, predicted: Ints, classes: int) -> list[list[int]]:
    """Counts, true class (rows) by predicted class (columns)."""
    counts: list[list[int]] = confusion_matrix(labels, predicted, labels=np.arange(classes)).tolist()
    return counts
