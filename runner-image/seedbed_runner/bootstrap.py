"""What one item contributes to each metric's variance: for claims on the population that the items are of.

items × variance over bootstrap samples of them (Efron 1979), 1,000 of them, the same for every run on these
labels. Means over items need no sampling: theirs is the variance of the items' losses. A resample is a weight
for each item, so that rows are sorted once and not once a sample.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from seedbed_runner.areas import weighted_areas
from seedbed_runner.classification import BINS, calibration_gaps, class_ranks, item_losses

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
Doubles = NDArray[np.float64]
Weights = Callable[[], NDArray[np.int64]]

RESAMPLES = 1000
_AREA_VALUES = 200_000_000  # items × classes × resamples: fewer resamples are drawn beyond it


def classification_variances(labels: Ints, logits: Reals, seed: int) -> dict[str, float]:
    """Of every metric of a classification but accuracy, where it is p(1 − p).

    Args:
        labels: true classes (rows).
        logits: rows × classes.
        seed: of the resamples; the same for every run on these labels.
    """
    present, true = np.unique(labels, return_inverse=True)
    classes, rows, predicted = logits.shape[1], len(labels), logits.argmax(axis=1)
    drawn = np.random.default_rng(seed)
    samples = (drawn.integers(rows, size=rows) for _ in range(RESAMPLES))
    sampled = [_by_class(true[each], predicted[each], present, classes) for each in samples]
    found = {name: rows * _variance([each[name] for each in sampled]) for name in sampled[0]}
    found["log_loss"] = float(item_losses(labels, logits).var())
    found["ece"] = rows * _variance(_sampled_ece(labels, logits, seed))
    if len(present) > 1:
        found |= _area_variances(labels, logits, seed)
    return found


def regression_variances(values: Reals, predicted: Reals, seed: int) -> dict[str, float]:
    """Of every metric of a regression; arguments as for `regression` and above."""
    true, given = values.astype(np.float64), predicted.astype(np.float64).ravel()
    rows, drawn = len(true), np.random.default_rng(seed)
    errors = given - true
    found = {"mae": float(np.abs(errors).var())}
    samples = [drawn.integers(rows, size=rows) for _ in range(RESAMPLES)]
    found["rmse"] = rows * _variance([math.sqrt(np.mean(errors[each] ** 2)) for each in samples])
    if len(np.unique(true)) > 1:
        found["r2"] = rows * _variance([_r2(true[each], errors[each]) for each in samples])
        found["pearson"] = rows * _variance([_correlation(true[each], given[each]) for each in samples])
        ranks = [(rankdata(true[each]), rankdata(given[each])) for each in samples]
        found["spearman"] = rows * _variance([_correlation(*pair) for pair in ranks])
    return found


def _variance(values: object) -> float:
    return float(np.var(values, ddof=1))  # type: ignore[call-overload]


def _r2(true: Doubles, errors: Doubles) -> float:
    spread = float(((true - true.mean()) ** 2).sum())
    return 1 - float((errors**2).sum()) / spread if spread else 0.0


def _correlation(one: Doubles, other: Doubles) -> float:
    a, b = one - one.mean(), other - other.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale else 0.0


def _by_class(true_places: Ints, predicted: Ints, present: Ints, classes: int) -> dict[str, float]:
    """What follows from a sample's predicted classes; the true ones are places within `present`.

    Averages are over the classes that occur in the sample. The margins of the table of both are enough: of
    thousands of classes the table itself would have millions of cells.
    """
    right = true_places[present[true_places] == predicted]
    hits, true = (np.bincount(each, minlength=len(present)) for each in (right, true_places))
    there, given = true > 0, np.bincount(predicted, minlength=classes)
    f1 = 2 * hits[there] / (true + given[present])[there]
    recall = hits[there] / true[there]
    precision = hits[there] / np.maximum(1, given[present][there])
    shares = true[there] / true.sum()
    found = {
        "balanced_accuracy": recall.mean(), "f1_macro": f1.mean(), "f1_weighted": f1 @ shares,
        "precision_macro": precision.mean(), "precision_weighted": precision @ shares,
        "recall_macro": recall.mean(), "recall_weighted": recall @ shares,
        "matthews": _matthews(hits, true, given, present),
    }  # fmt: skip
    if classes == 2:
        positive = np.flatnonzero(present == 1)
        hit, due = (int(hits[positive].sum()), int(true[positive].sum()))
        found["f1"] = 2 * hit / max(1, due + int(given[1]))
        found["precision"] = hit / max(1, int(given[1]))
        found["recall"] = hit / max(1, due)
    return {name: float(value) for name, value in found.items()}


def _matthews(hits: Ints, true: Ints, given: Ints, present: Ints) -> float:
    """Gorodkin's form for several classes, from the margins of the confusion matrix."""
    items = float(true.sum())
    covariance = items * float(hits.sum()) - float(true @ given[present])
    scale = (items**2 - float(given @ given)) * (items**2 - float(true @ true))
    return covariance / math.sqrt(scale) if scale else 0.0


def _sampled_ece(labels: Ints, logits: Reals, seed: int) -> list[float]:
    bins, gaps = calibration_gaps(labels, logits)
    drawn, rows = np.random.default_rng(seed), len(labels)
    samples = (drawn.integers(rows, size=rows) for _ in range(RESAMPLES))
    return [float(np.abs(np.bincount(bins[each], gaps[each], BINS)).sum() / rows) for each in samples]


def _area_variances(labels: Ints, logits: Reals, seed: int) -> dict[str, float]:
    """Of the areas; a class that a sample lacks is left out of the sample's mean."""
    rows, ranks = len(labels), class_ranks(logits)
    classes = [1] if logits.shape[1] == 2 else list(np.unique(labels))
    resamples = int(np.clip(_AREA_VALUES // (rows * len(classes)), 100, RESAMPLES))
    drawn = np.random.default_rng(seed)
    weights = np.array([
        np.bincount(drawn.integers(rows, size=rows), minlength=rows) for _ in range(resamples)
    ])  # fmt: skip
    areas = [weighted_areas(labels == one, ranks[:, one], weights) for one in classes]
    return {
        name: rows * _variance(np.nanmean([each[place] for each in areas], axis=0))
        for place, name in enumerate(("roc_auc", "pr_auc"))
    }
