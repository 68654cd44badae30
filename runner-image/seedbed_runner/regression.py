"""The metrics of a regression in numbers, by scikit-learn and scipy; `metrics` is the only caller."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

Reals = NDArray[np.floating]


def regression(values: Reals, predicted: Reals) -> dict[str, float]:
    """Every metric by name that these values have one of: constant values have errors and nothing else.

    A constant prediction has no correlation: it counts as 0, what a prediction that knows nothing gets.

    Args:
        values: true ones (rows).
        predicted: rows × 1.
    """
    true, given = values.astype(np.float64), predicted.astype(np.float64).ravel()
    found = {
        "rmse": root_mean_squared_error(true, given),
        "mae": mean_absolute_error(true, given),
    }
    if len(np.unique(true)) > 1:
        flat = len(np.unique(given)) == 1
        found["r2"] = r2_score(true, given)
        found["pearson"] = 0.0 if flat else pearsonr(true, given).statistic
        found["spearman"] = 0.0 if flat else spearmanr(true, given).statistic
    return {name: float(value) for name, value in found.items()}
