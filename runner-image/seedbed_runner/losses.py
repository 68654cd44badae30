"""What training makes small: cross-entropy for classes, squared error for values."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch.nn.functional import cross_entropy, mse_loss

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def loss_of(training: Mapping[str, Any], labels: torch.Tensor) -> Loss:
    """The loss of a batch's predictions and labels.

    Args:
        training: `spec.training`; label smoothing and class weights are for classes only.
        labels: of the train split, on the device: int64 classes, or float32 values.
    """
    if labels.is_floating_point():
        return _squared_error
    smoothing = training["labelSmoothing"]
    if training.get("classWeights") != "Balanced":
        return partial(cross_entropy, label_smoothing=smoothing)
    return partial(_weighted, balanced_weights(labels), smoothing)


def balanced_weights(labels: torch.Tensor) -> torch.Tensor:
    """One weight a class, rows / (classes · rows of the class): each class counts alike in all."""
    counts = torch.bincount(labels.cpu())
    present = int((counts > 0).sum())
    weights = len(labels) / (present * counts.clamp(min=1).to(torch.float32))
    return weights.to(labels.device)


def _weighted(
    weights: torch.Tensor, smoothing: float, logits: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """The mean over a batch, each row with the weight of its class."""
    losses = cross_entropy(logits, labels, label_smoothing=smoothing, reduction="none")
    own = weights[labels]
    return (losses * own).sum() / own.sum()


def _squared_error(predicted: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return mse_loss(predicted.squeeze(1), values)


def slice_score(predicted: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """How good predictions on the early-stopping slice are, accuracy or R², and their loss."""
    if labels.is_floating_point():
        loss = float(_squared_error(predicted, labels))
        spread = float(labels.var(correction=0))
        return (1 - loss / spread if spread else -loss), loss
    accuracy = float((predicted.argmax(1) == labels).float().mean())
    return accuracy, float(cross_entropy(predicted, labels))
