"""Torchvision's classifiers from random weights, their stem fitted to the images' channels."""

from collections.abc import Sequence

import torch
from torch import nn

from seedbed_runner.contract.layers import torchvision_classifier
from seedbed_runner.models.torchvision_import import torchvision_models


def build_classifier(name: str, input_shape: Sequence[int], classes: int) -> nn.Module:
    """The classifier called `name`, for items of channels × height × width.

    Raises:
        LayerError: no such classifier, no images, or images that are too small for it.
    """
    known = torchvision_classifier(name, input_shape)
    model: nn.Module = getattr(torchvision_models(), name)(weights=None, num_classes=classes)
    _fit_stem(model, known.stem, input_shape[0])
    return model


def _fit_stem(model: nn.Module, path: str, channels: int) -> None:
    """Give the first convolution as many input channels as the images have, and fresh weights."""
    stem = model.get_submodule(path)
    assert isinstance(stem, nn.Conv2d)
    if stem.in_channels != channels:
        stem.in_channels = channels
        stem.weight = nn.Parameter(torch.empty(stem.out_channels, channels, *stem.kernel_size))
        stem.reset_parameters()
