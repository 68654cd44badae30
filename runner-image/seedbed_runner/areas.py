"""Areas under the curves of one class against all others, for many weightings of the rows at once.

One pass over the sorted rows for all of them: a metric's value is the area with each row once, and the
bootstrap's samples are others. scikit-learn gives the same numbers (the tests hold them together), but takes
a millisecond for each, which is more than the training of a small model.
"""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def weighted_areas(
    positive: NDArray[np.bool_], ranks: Doubles, weights: NDArray[np.int64]
) -> tuple[Doubles, Doubles]:
    """The area under the ROC curve, and average precision: one of each for each weighting.

    The first is the share of the pairs of a positive and a negative that are in order, ties counted as halves
    (Hanley and McNeil 1982); the second the mean over the positives of the precision at their rank.

    Args:
        positive: which rows are of the class (rows).
        ranks: by the score of the class, best last; equal where scores are (rows).
        weights: how often each row counts (weightings × rows).

    Returns:
        Two arrays (weightings); NaN where a weighting has rows of one kind only.
    """
    order = np.argsort(-ranks, kind="stable")
    ends = np.flatnonzero(np.diff(ranks[order], append=-1.0))  # last row of each group of ties
    sorted_weights = weights[:, order].astype(np.float64)
    hits = np.cumsum(sorted_weights * positive[order], axis=1)[:, ends]
    seen = np.cumsum(sorted_weights, axis=1)[:, ends]
    misses, all_hits = seen - hits, hits[:, -1:]
    new_hits, new_misses = (np.diff(part, axis=1, prepend=0.0) for part in (hits, misses))
    with np.errstate(invalid="ignore", divide="ignore"):
        roc = ((hits - new_hits / 2) * new_misses).sum(axis=1)
        roc /= all_hits[:, 0] * misses[:, -1]
        precision = np.where(seen > 0, hits / np.maximum(seen, 1), 0.0)
        average = (new_hits * precision).sum(axis=1) / all_hits[:, 0]
    undefined = (all_hits[:, 0] == 0) | (misses[:, -1] == 0)
    return np.where(undefined, np.nan, roc), np.where(undefined, np.nan, average)
