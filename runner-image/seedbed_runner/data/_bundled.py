"""What the tables that come with scikit-learn have in common."""

from typing import Any

import numpy as np

from seedbed_runner.data import Source


def tabular(title: str, bunch: Any) -> Source:
    """A scikit-learn `Bunch` as a table (rows × features) with its own labels."""
    return Source(
        title=title,
        kind="tabular",
        inputs=np.asarray(bunch.data, dtype=np.float32),
        labels=np.asarray(bunch.target, dtype=np.int64),
        classes=len(bunch.target_names),
        leakable=True,
    )
