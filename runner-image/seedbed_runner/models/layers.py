"""Modules from resolved steps: torch's own by name, and those that torch does not have."""

from collections.abc import Sequence

import torch
from torch import nn

from seedbed_runner.contract.layers import Step
from seedbed_runner.contract.layers.table import TABLE
from seedbed_runner.models.texts import MODULES, MaskedResidual, MaskedSequential, TextSequential


class Transpose(nn.Module):
    """Swaps two dimensions; 0 is the batch."""

    def __init__(self, dim0: int, dim1: int) -> None:
        super().__init__()
        self.dims = (dim0, dim1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, …) to the same values with the two dimensions swapped."""
        return x.transpose(*self.dims)


class Residual(nn.Module):
    """body(x) + shortcut(x), and nothing after it."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, *input shape) to (batch, *output shape)."""
        out: torch.Tensor = self.body(x) + self.shortcut(x)
        return out


def sequence(steps: Sequence[Step]) -> nn.Sequential:
    """The steps one after the other: a whole model."""
    if any(map(needs_padding, steps)):
        return TextSequential(map(module, steps))
    return nn.Sequential(*map(module, steps))


def needs_padding(step: Step) -> bool:
    """Whether it, or a layer inside, must know which positions of a text are padding."""
    return TABLE[step.type].needs_positions or any(map(needs_padding, step.body))


def module(step: Step) -> nn.Module:
    """One step with fresh weights."""
    if step.type == "Residual":
        return _residual(step)
    if step.type == "Transpose":
        return Transpose(**step.arguments)
    built: nn.Module = (MODULES.get(step.type) or getattr(nn, step.type))(**step.arguments)
    return built


def _residual(step: Step) -> nn.Module:
    inside = map(module, step.body)
    shortcut = module(step.shortcut) if step.shortcut else nn.Identity()
    if needs_padding(step):
        return MaskedResidual(MaskedSequential(inside), shortcut)
    return Residual(nn.Sequential(*inside), shortcut)
