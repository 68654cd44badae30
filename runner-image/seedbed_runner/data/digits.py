"""Handwritten digits (UCI optical recognition, test part): 1,797 grey images of 8 × 8, ten classes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from seedbed_runner.data import Source


def load(dataset: Mapping[str, Any]) -> Source:
    """Images in [0, 1], rows × 1 × 8 × 8."""
    bunch = load_digits()
    return Source(
        title="Handwritten digits, 8 × 8",
        kind="image",
        inputs=(bunch.images / 16.0).astype(np.float32)[:, np.newaxis],  # (rows, 1, 8, 8)
        labels=bunch.target.astype(np.int64),
        classes=10,
        leakable=True,
    )
