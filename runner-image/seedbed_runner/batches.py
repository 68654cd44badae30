"""From rows as they are stored to what a model takes, on the device and a batch at a time.

Bytes of pixels become scaled numbers; tokens and numbers go through as they are. Used for training and for
predictions alike, by the train child and by the evaluator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from seedbed_runner.scaling import Scaling

BatchFunction = Callable[[torch.Tensor], torch.Tensor]


def as_it_is(batch: torch.Tensor) -> torch.Tensor:
    """The batch."""
    return batch


@dataclass(frozen=True)
class _Scaled:
    """Pixels to numbers; `mean` and `deviation` are 1 × channels × 1 × 1."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        return (batch.to(torch.float32) - self.mean) / self.deviation


def reader(scaling: Scaling | None, device: torch.device) -> BatchFunction:
    """What makes a model's input of a batch on `device` (rows × input shape)."""
    if scaling is None:
        return as_it_is
    constants = (
        torch.tensor(values, dtype=torch.float32, device=device).reshape(1, -1, 1, 1)
        for values in (scaling.mean, scaling.deviation)
    )
    return _Scaled(*constants)


def mapped(path: Path) -> torch.Tensor:
    """An array's file as a tensor, without reading it: processes share its pages, and no write reaches it."""
    return torch.from_numpy(np.load(path, mmap_mode="c"))


def scaled_values(values: torch.Tensor, scaling: Scaling | None) -> torch.Tensor:
    """Labels as training sees them: classes as they are, a regression's values scaled."""
    if scaling is None:
        return values
    return (values - scaling.mean[0]) / scaling.deviation[0]


def in_own_unit(predicted: torch.Tensor, scaling: Scaling | None) -> torch.Tensor:
    """Predictions as they are scored: logits as they are, a regression's values in the data's unit."""
    if scaling is None:
        return predicted
    return predicted * scaling.deviation[0] + scaling.mean[0]
