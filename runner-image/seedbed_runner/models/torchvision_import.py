"""Imports torchvision where its compiled part does not match torch.

Such a build (for CUDA, say, beside a torch for the CPU) can't load its operators, and then its import fails
on the two whose names it looks up; neither the classifiers nor the datasets use them. Where the builds match,
this is a plain import.
"""

import importlib
from typing import Any

import torch

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[torch.library.Library] = []  # a library's declarations go when it does


def torchvision_models() -> Any:
    """The module `torchvision.models`."""
    return _part("torchvision.models")


def torchvision_datasets() -> Any:
    """The module `torchvision.datasets`."""
    return _part("torchvision.datasets")


def _part(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    _declare_operators()
    return importlib.import_module(name)


def _declare_operators() -> None:
    """Declare the two operators, without code: calling one stays an error."""
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(name + _SIGNATURE)  # type: ignore[no-untyped-call]
    _declared.append(library)
