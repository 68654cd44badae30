"""Imports torchvision where its compiled part does not match torch.

Such a build (for CUDA, say, beside a torch for the CPU) can't load its operators, and then its import fails
on the two whose names it looks up; the classifiers use neither. Where the builds match, this is a plain
import.
"""

import importlib
from typing import Any

import torch

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[torch.library.Library] = []  # a library's declarations go when it does


def torchvision_models() -> Any:
    """The module `torchvision.models`."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    _declare_operators()
    return importlib.import_module("torchvision.models")


def _declare_operators() -> None:
    """Declare the two operators, without code: calling one stays an error."""
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(name + _SIGNATURE)  # type: ignore[no-untyped-call]
    _declared.append(library)
