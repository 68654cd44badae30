"""Modules from resolved steps: torch's own by name, and the two that torch does not have."""

from collections.abc import Sequence

import torch
from torch import nn

from seedbed_runner.contract.layers import Step


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
    """The steps one after the other."""
    return nn.Sequential(*(module(step) for step in steps))


def module(step: Step) -> nn.Module:
    """One step with fresh weights."""
    if step.type == "Residual":
        shortcut = module(step.shortcut) if step.shortcut else nn.Identity()
        return Residual(sequence(step.body), shortcut)
    if step.type == "Transpose":
        return Transpose(**step.arguments)
    built: nn.Module = getattr(nn, step.type)(**step.arguments)
    return built
