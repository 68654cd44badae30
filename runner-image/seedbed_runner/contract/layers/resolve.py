"""Shape inference: a list of layers and the data's shape become a `Plan` with every size filled in.

The control side asks whether a model fits the data and what it costs; the runner builds its modules from the
same steps. So both sides agree, and a model that can't work is refused before anything is started.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed_runner.contract.layers.arguments import CLASSES
from seedbed_runner.contract.layers.check import check, read_arguments
from seedbed_runner.contract.layers.effects import Effect, Misfit, Shape, words
from seedbed_runner.contract.layers.plan import LayerError, Plan, Step
from seedbed_runner.contract.layers.table import TABLE

MAX_PARAMETERS = 200_000_000
MAX_ACTIVATIONS = 100_000_000  # values of one layer's output, an item

_RANKS = {1: "features", 2: "channels × length", 3: "channels × height × width"}


@dataclass(frozen=True)
class _Signal:
    """What flows between layers: an item's shape, and whether it is tokens still."""

    shape: Shape
    integers: bool


def resolve(
    layers: list[dict[str, Any]], input_shape: Sequence[int], classes: int, integer_input: bool = False
) -> Plan:
    """Infer every shape and count what the model costs.

    Args:
        layers: as in a manifest.
        input_shape: of one item: features, channels × length, or channels × height × width.
        classes: what the last layer must give.
        integer_input: whether items are tokens, for an Embedding.

    Raises:
        LayerError: a mistake that `check` finds too, a layer that can't take what comes in, a last layer
            that does not give one value a class, or a model beyond the limits of this module.
    """
    if problems := check(layers):
        raise LayerError(problems[0])
    signal = _Signal(tuple(input_shape), integer_input)
    steps = _steps(layers, "layers", signal, classes)
    _require_classes(steps[-1].output_shape, classes)
    parameters = sum(step.parameters for step in steps)
    if not parameters:
        raise LayerError("layers: nothing here can be trained: add a Linear or convolution layer")
    if parameters > MAX_PARAMETERS:
        raise LayerError(f"layers: {parameters:,} parameters, at most {MAX_PARAMETERS:,} are allowed")
    outputs = [size for step in steps for size in step.outputs()]
    return Plan(
        steps=steps,
        layers=len(outputs),
        parameters=parameters,
        multiply_adds=sum(step.multiply_adds for step in steps),
        activations=max(outputs),
        activations_kept=sum(outputs),
    )


def _steps(layers: list[dict[str, Any]], path: str, signal: _Signal, classes: int) -> tuple[Step, ...]:
    """The steps of a list, one after the other, each with what the last one gives."""
    steps: list[Step] = []
    for i, layer in enumerate(layers):
        for step in _unrolled(layer, f"{path}[{i}]", signal, classes):
            steps.append(step)
            signal = _after(step, signal)
    return tuple(steps)


def _unrolled(layer: dict[str, Any], path: str, signal: _Signal, classes: int) -> Iterator[Step]:
    """A layer's own step; all steps of a Sequential, as often as it repeats."""
    if layer["type"] == "Residual":
        yield _residual(layer, path, signal, classes)
    elif layer["type"] == "Sequential":
        yield from _repeated(layer, path, signal, classes)
    else:
        yield _plain(layer, path, signal, classes)


def _repeated(layer: dict[str, Any], path: str, signal: _Signal, classes: int) -> Iterator[Step]:
    repeat = layer.get("repeat", 1)
    for turn in range(1, repeat + 1):
        inside = f"{path} (repeat {turn}).layers" if repeat > 1 else f"{path}.layers"
        for step in _steps(layer["layers"], inside, signal, classes):
            yield step
            signal = _after(step, signal)


def _after(step: Step, signal: _Signal) -> _Signal:
    return _Signal(step.output_shape, signal.integers and TABLE[step.type].integers == "kept")


def _plain(layer: dict[str, Any], path: str, signal: _Signal, classes: int) -> Step:
    """Any layer but a container."""
    given = read_arguments(layer)
    arguments = {name: classes if value == CLASSES else value for name, value in given.items()}
    where = f"{path} {layer['type']}"
    _require_input(layer["type"], where, signal)
    try:
        effect = _effect(layer["type"], signal.shape, arguments)
    except Misfit as misfit:
        raise LayerError(f"{where}: {misfit}") from None
    _require_size(where, effect.output)
    return Step(
        path=path,
        type=layer["type"],
        arguments={**arguments, **effect.inferred},
        input_shape=signal.shape,
        output_shape=effect.output,
        parameters=effect.parameters,
        multiply_adds=effect.multiply_adds,
    )


def _effect(name: str, shape: Shape, arguments: dict[str, Any]) -> Effect:
    kind = TABLE[name]
    if mistake := kind.rule(arguments):  # again: `classes` has become a number
        raise Misfit(mistake)
    assert kind.effect is not None
    return kind.effect(shape, arguments)


def _residual(layer: dict[str, Any], path: str, signal: _Signal, classes: int) -> Step:
    """The input plus what the layers make of it; the input is projected where their shapes differ."""
    _require_input("Residual", f"{path} Residual", signal)
    body = _steps(layer["layers"], f"{path}.layers", signal, classes)
    before, after = signal.shape, body[-1].output_shape
    shortcut = None if before == after else _shortcut(path, before, after)
    parts = (*body, shortcut) if shortcut else body
    return Step(
        path=path,
        type="Residual",
        arguments={},
        input_shape=before,
        output_shape=after,
        parameters=sum(part.parameters for part in parts),
        multiply_adds=sum(part.multiply_adds for part in parts),
        body=body,
        shortcut=shortcut,
    )


def _shortcut(path: str, before: Shape, after: Shape) -> Step:
    """A linear layer or a 1×1 convolution with the stride that divides the sides as the body does."""
    layer = _projection(before, after)
    if layer is None or check([layer]):  # a stride or a width can be beyond what a layer may have
        raise LayerError(
            f"{path} Residual: the layers inside make {words(after)} of the {words(before)} that comes in, "
            "which can't be added to it: keep the sides, or divide them by a stride"
        )
    return _plain(layer, f"{path}.shortcut", _Signal(before, False), classes=0)


def _projection(before: Shape, after: Shape) -> dict[str, Any] | None:
    if len(before) != len(after):
        return None
    if len(before) == 1:
        return {"type": "Linear", "out_features": after[0], "bias": False}
    stride = _stride(before[1:], after[1:])
    convolution = {"type": f"Conv{len(before) - 1}d", "out_channels": after[0], "kernel_size": 1}
    return {**convolution, "stride": list(stride), "bias": False} if stride else None


def _stride(before: Shape, after: Shape) -> Shape | None:
    """Steps with which a kernel of one turns the sides `before` into `after`, if there are any."""
    if any(new > old for old, new in zip(before, after, strict=True)):
        return None
    stride = tuple(math.ceil(old / new) for old, new in zip(before, after, strict=True))
    reached = tuple(math.ceil(old / step) for old, step in zip(before, stride, strict=True))
    return stride if reached == after else None


def _require_input(name: str, where: str, signal: _Signal) -> None:
    kind = TABLE[name]
    if signal.integers and kind.integers == "refused":
        raise LayerError(f"{where}: tokens (whole numbers) come in: put an Embedding before it")
    if not signal.integers and kind.integers == "needed":
        raise LayerError(f"{where}: needs tokens (whole numbers), but what comes in are real numbers")
    if kind.ranks and len(signal.shape) not in kind.ranks:
        needed = " or ".join(_RANKS[rank] for rank in kind.ranks)
        raise LayerError(
            f"{where}: needs {needed}, but {words(signal.shape)} comes in{_sibling(name, signal.shape)}"
        )


def _sibling(name: str, shape: Shape) -> str:
    """The hint to use Conv2d instead of Conv1d, or the like, where that would fit."""
    other = {"1d": "2d", "2d": "1d"}.get(name[-2:], "")
    fits = name[:-2] + other in TABLE and len(shape) in TABLE[name[:-2] + other].ranks
    return f": use {name[:-2]}{other}" if fits else ""


def _require_size(where: str, output: Shape) -> None:
    if math.prod(output) > MAX_ACTIVATIONS:
        raise LayerError(
            f"{where}: gives {words(output)} = {math.prod(output):,} values an item, at most "
            f"{MAX_ACTIVATIONS:,} are allowed"
        )


def _require_classes(output: Shape, classes: int) -> None:
    if output != (classes,):
        flatten = "" if len(output) == 1 else "{type: Flatten} and "
        raise LayerError(
            f"the last layer gives {words(output)} but the data has {classes} classes: end with {flatten}"
            "{type: Linear, out_features: classes}"
        )
