"""What each layer does to the shape of one item: the arithmetic of torch's documentation, without torch.

Each function here takes the shape that comes in (without the batch dimension) and the layer's arguments, and
returns an `Effect`, or raises `Misfit` with the end of a sentence that the caller begins with the layer's
name. `contract.layers.table` says which function goes with which type.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[int, ...]
Arguments = Mapping[str, Any]


class Misfit(ValueError):
    """The layer can't take what comes in."""


@dataclass(frozen=True)
class Effect:
    """A layer's output shape, trainable parameters, multiply-adds an item, and the sizes it inferred.

    Only products with weights, and of attention, count as multiply-adds: they dominate. `inside` has the
    values that each step within a layer gives, where it is made of several.
    """

    output: Shape
    parameters: int = 0
    multiply_adds: int = 0
    inferred: dict[str, Any] = field(default_factory=dict)
    inside: tuple[int, ...] = ()


EffectOf = Callable[[Shape, Arguments], Effect]


def words(shape: Shape) -> str:
    """A shape for people: 32×8×8."""
    return "×".join(str(side) for side in shape)


def unchanged(shape: Shape, arguments: Arguments) -> Effect:
    """Activations and dropout."""
    return Effect(shape)


def linear(shape: Shape, arguments: Arguments) -> Effect:
    """Over the last dimension: y = xWᵀ + b."""
    width, out = shape[-1], arguments["out_features"]
    parameters = width * out + out * arguments["bias"]
    return Effect((*shape[:-1], out), parameters, math.prod(shape) * out, {"in_features": width})


def convolution(shape: Shape, arguments: Arguments) -> Effect:
    """Channels first; one item is channels × length or channels × height × width."""
    channels, out, groups = shape[0], arguments["out_channels"], arguments["groups"]
    if channels % groups:
        raise Misfit(f"groups {groups} does not divide the {channels} channels that come in ({words(shape)})")
    padding = _explicit_padding(arguments)
    sides = shape[1:] if padding == "same" else _slide(shape, {**arguments, "padding": padding})
    weights = out * (channels // groups) * math.prod(arguments["kernel_size"])
    parameters = weights + out * arguments["bias"]
    inferred = {"in_channels": channels, "padding": padding}
    return Effect((out, *sides), parameters, weights * math.prod(sides), inferred)


def _explicit_padding(arguments: Arguments) -> Any:
    """`padding` in numbers; it stays "same" only where an odd total must be split unevenly."""
    padding, kernel = arguments["padding"], arguments["kernel_size"]
    if padding == "valid":
        return (0,) * len(kernel)
    if padding != "same":
        return padding
    totals = [dilation * (side - 1) for dilation, side in zip(arguments["dilation"], kernel, strict=True)]
    return "same" if any(total % 2 for total in totals) else tuple(total // 2 for total in totals)


def pooling(shape: Shape, arguments: Arguments) -> Effect:
    """Each channel by itself; `stride` is the kernel's size unless given."""
    stride = arguments["stride"] or arguments["kernel_size"]
    sides = _slide(shape, {**arguments, "stride": stride})
    return Effect((shape[0], *sides), inferred={"stride": stride})


def _slide(shape: Shape, arguments: Arguments) -> Shape:
    """How often a window fits along each side: ⌊(side + 2·padding − reach) / stride⌋ + 1."""
    kernel, padding, stride = arguments["kernel_size"], arguments["padding"], arguments["stride"]
    dilation = arguments.get("dilation", (1,) * len(kernel))
    reach = [spread * (side - 1) + 1 for spread, side in zip(dilation, kernel, strict=True)]
    room = [side + 2 * pad for side, pad in zip(shape[1:], padding, strict=True)]
    if any(space < need for space, need in zip(room, reach, strict=True)):
        dilated = f", dilated to {words(tuple(reach))}," if tuple(reach) != tuple(kernel) else ""
        raise Misfit(
            f"a {words(kernel)} kernel{dilated} does not fit the {words(shape[1:])} input that comes in "
            f"({words(shape)}): use a smaller kernel, padding or fewer poolings"
        )
    return tuple((space - need) // step + 1 for space, need, step in zip(room, reach, stride, strict=True))


def adaptive(shape: Shape, arguments: Arguments) -> Effect:
    """Pooling to a given size, whatever comes in."""
    return Effect((shape[0], *arguments["output_size"]))


def batch_norm(shape: Shape, arguments: Arguments) -> Effect:
    """One mean and variance a channel, over the batch and all positions."""
    return Effect(shape, 2 * shape[0] * arguments["affine"], inferred={"num_features": shape[0]})


def layer_norm(shape: Shape, arguments: Arguments) -> Effect:
    """Over the features of each position; over a whole item where it is channels × height × width."""
    normalized = shape if len(shape) == 3 else shape[-1:]
    parameters = 2 * math.prod(normalized) * arguments["elementwise_affine"]
    return Effect(shape, parameters, inferred={"normalized_shape": normalized})


def group_norm(shape: Shape, arguments: Arguments) -> Effect:
    """Over groups of channels and all positions of each item."""
    channels, groups = shape[0], arguments["num_groups"]
    if channels % groups:
        raise Misfit(
            f"num_groups {groups} does not divide the {channels} channels that come in ({words(shape)})"
        )
    if math.prod(shape) == groups:
        raise Misfit(f"each of the {groups} groups would be one value ({words(shape)}): use fewer groups")
    return Effect(shape, 2 * channels * arguments["affine"], inferred={"num_channels": channels})


def flatten(shape: Shape, arguments: Arguments) -> Effect:
    """Dimensions start_dim … end_dim become one; as in torch, 0 is the batch."""
    start, end = arguments["start_dim"], arguments["end_dim"]
    end = end + len(shape) + 1 if end < 0 else end
    if not 1 <= start <= end <= len(shape):
        raise Misfit(
            f"start_dim {start} to end_dim {arguments['end_dim']} is no range of the dimensions 1 to "
            f"{len(shape)} that come in ({words(shape)}; 0 is the batch)"
        )
    return Effect((*shape[: start - 1], math.prod(shape[start - 1 : end]), *shape[end:]))


def unflatten(shape: Shape, arguments: Arguments) -> Effect:
    """Dimension `dim` becomes several; as in torch, 0 is the batch."""
    dim, parts = arguments["dim"], arguments["unflattened_size"]
    _require_dimension(shape, dim)
    if math.prod(parts) != shape[dim - 1]:
        raise Misfit(
            f"{words(parts)} is {math.prod(parts)} values, not the {shape[dim - 1]} of dimension {dim} "
            f"({words(shape)})"
        )
    return Effect((*shape[: dim - 1], *parts, *shape[dim:]))


def transpose(shape: Shape, arguments: Arguments) -> Effect:
    """Two dimensions change places; as in torch, 0 is the batch."""
    first, second = arguments["dim0"], arguments["dim1"]
    _require_dimension(shape, first)
    _require_dimension(shape, second)
    swapped = list(shape)
    swapped[first - 1], swapped[second - 1] = shape[second - 1], shape[first - 1]
    return Effect(tuple(swapped))


def _require_dimension(shape: Shape, dim: int) -> None:
    if dim > len(shape):
        raise Misfit(f"there is no dimension {dim}: what comes in ({words(shape)}) has 1 to {len(shape)}")
