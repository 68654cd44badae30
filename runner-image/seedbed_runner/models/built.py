"""What a description of a model is made into: a module, and what of the training loop it brings itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

OptimizerBuilder = Callable[[nn.Module, Mapping[str, Any]], torch.optim.Optimizer]
Augmentation = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Built:
    """A model that is ready to be trained.

    Attributes:
        model: with fresh weights, on the CPU.
        optimizer: makes the optimizer of a model from `spec.training.optimizer`; None: the one named there.
        augment: makes another batch of a training batch (rows × input shape); None: batches stay as they are.
    """

    model: nn.Module
    optimizer: OptimizerBuilder | None = None
    augment: Augmentation | None = None
