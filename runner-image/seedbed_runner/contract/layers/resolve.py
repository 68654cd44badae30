"""Shape inference: a list of layers and the data's shape become a `Plan` with every size filled in.

The control side asks whether a model fits the data and what it costs; the runner builds its modules from the
same steps. So both sides agree, and a model that can't work is refused before anything is started.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from seedbed_runner.contract.layers.check import check, read_arguments
from seedbed_runner.contract.layers.effects import Effect, Misfit, Shape, words
from seedbed_runner.contract.layers.plan import LayerError, Plan, Step
from seedbed_runner.contract.layers.signals import (
    Signal,
    Words,
    require_classes,
    require_input,
    require_size,
    require_vocabulary,
)
from seedbed_runner.contract.layers.table import TABLE

MAX_PARAMETERS = 200_000_000


def resolve(
    layers: list[dict[str, Any]], input_shape: Sequence[int], classes: int, vocabulary: int = 0
) -> Plan:
    """Infer every shape and count what the model costs.

    Args:
        layers: as in a manifest.
        input_shape: of one item: features, channels × length, channels × height × width, or a text's length.
        classes: what the last layer must give.
        vocabulary: items are token ids below it, for an Embedding; 0: they are numbers.

    Raises:
        LayerError: a mistake that `check` finds too, a layer that can't take what comes in, a last layer
            that does not give one value a class, or a model beyond the limits of this module.
    """
    if problems := check(layers):
        raise LayerError(problems[0])
    text = bool(vocabulary)
    signal = Signal(tuple(input_shape), integers=text, positions=text and len(input_shape) == 1)
    steps = _steps(layers, "layers", signal, Words(classes, vocabulary))
    require_classes(_through(steps, signal), classes)
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


def _steps(layers: list[dict[str, Any]], path: str, signal: Signal, known: Words) -> tuple[Step, ...]:
    """The steps of a list, one after the other, each with what the last one gives."""
    steps: list[Step] = []
    for i, layer in enumerate(layers):
        for step in _unrolled(layer, f"{path}[{i}]", signal, known):
            steps.append(step)
            signal = _after(step, signal)
    return tuple(steps)


def _unrolled(layer: dict[str, Any], path: str, signal: Signal, known: Words) -> Iterator[Step]:
    """A layer's own step; all steps of a Sequential, as often as it repeats."""
    if layer["type"] == "Residual":
        yield _residual(layer, path, signal, known)
    elif layer["type"] == "Sequential":
        yield from _repeated(layer, path, signal, known)
    else:
        yield _plain(layer, path, signal, known)


def _repeated(layer: dict[str, Any], path: str, signal: Signal, known: Words) -> Iterator[Step]:
    repeat = layer.get("repeat", 1)
    for turn in range(1, repeat + 1):
        inside = f"{path} (repeat {turn}).layers" if repeat > 1 else f"{path}.layers"
        for step in _steps(layer["layers"], inside, signal, known):
            yield step
            signal = _after(step, signal)


def _after(step: Step, signal: Signal) -> Signal:
    kept = signal.positions and _keeps_positions(step)
    return Signal(step.output_shape, signal.integers and TABLE[step.type].integers == "kept", kept)


def _through(steps: tuple[Step, ...], signal: Signal) -> Signal:
    for step in steps:
        signal = _after(step, signal)
    return signal


def _keeps_positions(step: Step) -> bool:
    return all(map(_keeps_positions, step.body)) if step.body else TABLE[step.type].keeps_positions


def _plain(layer: dict[str, Any], path: str, signal: Signal, known: Words) -> Step:
    """Any layer but a container."""
    given = read_arguments(layer)
    arguments = {name: known.read(value) for name, value in given.items()}
    where = f"{path} {layer['type']}"
    require_input(layer["type"], where, signal, known)
    require_vocabulary(where, arguments, known)
    try:
        effect = _effect(layer["type"], signal.shape, arguments)
    except Misfit as misfit:
        raise LayerError(f"{where}: {misfit}") from None
    require_size(where, effect.output)
    return Step(
        path=path,
        type=layer["type"],
        arguments={**arguments, **effect.inferred},
        input_shape=signal.shape,
        output_shape=effect.output,
        parameters=effect.parameters,
        multiply_adds=effect.multiply_adds,
        inside=effect.inside,
    )


def _effect(name: str, shape: Shape, arguments: dict[str, Any]) -> Effect:
    kind = TABLE[name]
    if mistake := kind.rule(arguments):  # again: `classes` has become a number
        raise Misfit(mistake)
    assert kind.effect is not None
    return kind.effect(shape, arguments)


def _residual(layer: dict[str, Any], path: str, signal: Signal, known: Words) -> Step:
    """The input plus what the layers make of it; the input is projected where their shapes differ."""
    require_input("Residual", f"{path} Residual", signal, known)
    body = _steps(layer["layers"], f"{path}.layers", signal, known)
    before, after = signal.shape, body[-1].output_shape
    positions = _through(body, signal).positions
    shortcut = None if before == after else _shortcut(path, before, after, positions)
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


def _shortcut(path: str, before: Shape, after: Shape, positions: bool) -> Step:
    """A linear layer or a 1×1 convolution with the stride that divides the sides as the body does."""
    layer = _projection(before, after, positions)
    if layer is None or check([layer]):  # a stride or a width can be beyond what a layer may have
        raise LayerError(
            f"{path} Residual: the layers inside make {words(after)} of the {words(before)} that comes in, "
            "which can't be added to it: keep the sides, or divide them by a stride"
        )
    return _plain(layer, f"{path}.shortcut", Signal(before), Words(0, 0))


def _projection(before: Shape, after: Shape, positions: bool) -> dict[str, Any] | None:
    if len(before) != len(after):
        return None
    if len(before) == 1 or positions:
        return {"type": "Linear", "out_features": after[-1], "bias": False}
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
