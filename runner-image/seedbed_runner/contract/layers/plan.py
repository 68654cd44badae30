"""What `resolve` gives: a model whose every size is known, and the error that says why there is none."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seedbed_runner.contract.layers.effects import Shape


class LayerError(ValueError):
    """Layers that can't be; the message says which one, what came in, and what it needed."""


@dataclass(frozen=True)
class Step:
    """One layer, resolved.

    Attributes:
        path: where it is in the manifest, `layers[2].layers[0]`; with the repeat's number, if repeated.
        type: its name in `TABLE`; torch's own, but for Residual, Transpose and some for texts.
        arguments: torch's arguments, every default and inferred size filled in; empty for Residual.
        input_shape, output_shape: of one item, without the batch.
        parameters, multiply_adds: of this layer with all that is in it; multiply-adds an item.
        body: Residual: the layers inside.
        shortcut: Residual: what fits the input to the body's output, None where it fits as it is.
        inside: how many values an item has after each step within, of a layer that is made of several.
    """

    path: str
    type: str
    arguments: dict[str, Any]
    input_shape: Shape
    output_shape: Shape
    parameters: int
    multiply_adds: int
    body: tuple["Step", ...] = ()
    shortcut: "Step | None" = None
    inside: tuple[int, ...] = ()

    def outputs(self) -> Iterator[int]:
        """How many values an item has after each layer, here and inside."""
        parts = (*self.body, self.shortcut) if self.shortcut else self.body
        for step in parts:
            yield from step.outputs()
        yield from self.inside
        yield math.prod(self.output_shape)


@dataclass(frozen=True)
class Plan:
    """A resolved model.

    Attributes:
        steps: its layers in order; sequences are unrolled.
        layers: how many there are, those inside residual blocks and the blocks themselves included, and the
            steps within a layer (a recurrent one has one a position).
        parameters: trainable parameters.
        multiply_adds: of a forward pass, an item.
        activations: the largest output of a layer, in values an item.
        activations_kept: all outputs together: what a training step keeps, in values an item.
    """

    steps: tuple[Step, ...]
    layers: int
    parameters: int
    multiply_adds: int
    activations: int
    activations_kept: int
