"""Early stopping: a slice of the train split decides when to stop, and the best weights are restored.

The slice never comes from a scored split. It is drawn by a seed of its own, so that all seeds of an
experiment hold out the same rows.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

MIN_SLICE = 200  # a smaller slice decides by luck


def hold_out(labels: NDArray[np.int64], stopping: Mapping[str, Any] | None) -> NDArray[np.bool_]:
    """Which train rows make up the slice: as many of each class as its share, within one row.

    Args:
        labels: of the train split (rows).
        stopping: `spec.training.earlyStopping`; None: no slice. A slice under 200 rows is none either.
    """
    held = np.zeros(len(labels), dtype=bool)
    count = round(stopping["fraction"] * len(labels)) if stopping else 0
    if stopping is None or count < MIN_SLICE:
        return held
    shuffled = np.random.default_rng(stopping["seed"]).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    middles = (2 * np.arange(count) + 1) * len(labels) // (2 * count)  # evenly spaced over all classes
    held[by_class[middles]] = True
    return held


class EarlyStopper:
    """Keeps the weights of the best epoch; better is a higher score, and of equal ones the lower loss."""

    def __init__(self, model: torch.nn.Module, patience: int) -> None:
        self.best_epoch = 0
        self._model, self._patience = model, patience
        self._best = (-math.inf, 0.0)
        self._weights: dict[str, torch.Tensor] = {}

    def see(self, epoch: int, score: float, loss: float) -> bool:
        """Take note of an epoch's slice score; whether it is time to stop."""
        if (score, -loss) > self._best:
            self._best, self.best_epoch = (score, -loss), epoch
            self._weights = {name: value.clone() for name, value in self._model.state_dict().items()}
        return epoch - self.best_epoch >= self._patience

    def restore(self) -> None:
        """Give the model the weights of its best epoch."""
        self._model.load_state_dict(self._weights)
