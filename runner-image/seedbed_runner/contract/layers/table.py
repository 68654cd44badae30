"""The layer types: one entry each, with its arguments and its effect; those for tokens are in `texts`.

Names and defaults are torch's own, so that the runner builds a layer as `getattr(torch.nn, type)(**…)`; input
sizes (`in_channels`, `num_features`, …) are inferred and never given.
"""

from seedbed_runner.contract.layers import effects
from seedbed_runner.contract.layers.arguments import (
    CHANNELS,
    CLASSES,
    FLAG,
    LAYERS,
    WIDTH,
    Argument,
    choice,
    either,
    real,
    sides,
    sizes,
    whole,
)
from seedbed_runner.contract.layers.effects import Arguments
from seedbed_runner.contract.layers.layertype import LayerType
from seedbed_runner.contract.layers.texts import TEXTS

MAX_REPEAT = 256


def _pointwise(ranks: tuple[int, ...] = (), **arguments: Argument) -> LayerType:
    return LayerType(arguments, effects.unchanged, ranks, keeps_positions=True)


def _convolution(dims: int) -> LayerType:
    arguments = {
        "out_channels": Argument(WIDTH),
        "kernel_size": Argument(sides(dims, 1)),
        "stride": Argument(sides(dims, 1), (1,) * dims),
        "padding": Argument(either(choice("same", "valid"), sides(dims, 0)), (0,) * dims),
        "dilation": Argument(sides(dims, 1), (1,) * dims),
        "groups": Argument(CHANNELS, 1),
        "bias": Argument(FLAG, True),
    }
    return LayerType(
        arguments, effects.convolution, (dims + 1,), inferred=("in_channels",), rule=_convolution_rule
    )


def _convolution_rule(arguments: Arguments) -> str | None:
    if arguments["padding"] == "same" and set(arguments["stride"]) != {1}:
        return "padding `same` goes with stride 1 only: give the padding as a number"
    if arguments["out_channels"] != CLASSES and arguments["out_channels"] % arguments["groups"]:
        return f"groups {arguments['groups']} does not divide out_channels {arguments['out_channels']}"
    return None


def _pooling(dims: int, **more: Argument) -> LayerType:
    arguments = {
        "kernel_size": Argument(sides(dims, 1)),
        "stride": Argument(sides(dims, 1), None),
        "padding": Argument(sides(dims, 0), (0,) * dims),
        **more,
    }
    return LayerType(arguments, effects.pooling, (dims + 1,), rule=_pooling_rule)


def _pooling_rule(arguments: Arguments) -> str | None:
    for kernel, padding in zip(arguments["kernel_size"], arguments["padding"], strict=True):
        if padding > kernel // 2:
            return f"padding {padding} is more than half of the kernel's {kernel}"
    return None


def _max_pooling(dims: int) -> LayerType:
    return _pooling(dims, dilation=Argument(sides(dims, 1), (1,) * dims))


def _adaptive(dims: int) -> LayerType:
    return LayerType({"output_size": Argument(sides(dims, 1))}, effects.adaptive, (dims + 1,))


def _batch_norm(*ranks: int) -> LayerType:
    arguments = {"eps": _EPS, "momentum": Argument(real(0, 1), 0.1), "affine": _TRUE}
    return LayerType(arguments, effects.batch_norm, ranks, inferred=("num_features",))


_EPS = Argument(real(1e-12, 1), 1e-5)
_TRUE = Argument(FLAG, True)
_DIM = Argument(whole(1, 8))

TABLE: dict[str, LayerType] = {
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Linear": LayerType(
        {"out_features": Argument(WIDTH), "bias": _TRUE},
        effects.linear,
        inferred=("in_features",),
        keeps_positions=True,
    ),
    "ReLU": _pointwise(),
    "GELU": _pointwise(approximate=Argument(choice("none", "tanh"), "none")),
    "SiLU": _pointwise(),
    "LeakyReLU": _pointwise(negative_slope=Argument(real(-1000, 1000), 0.01)),
    "ELU": _pointwise(alpha=Argument(real(0, 1000), 1.0)),
    "Tanh": _pointwise(),
    "Sigmoid": _pointwise(),
    "MaxPool1d": _max_pooling(1),
    "MaxPool2d": _max_pooling(2),
    "AvgPool1d": _pooling(1),
    "AvgPool2d": _pooling(2),
    "AdaptiveAvgPool1d": _adaptive(1),
    "AdaptiveAvgPool2d": _adaptive(2),
    "AdaptiveMaxPool1d": _adaptive(1),
    "AdaptiveMaxPool2d": _adaptive(2),
    "BatchNorm1d": _batch_norm(1, 2),
    "BatchNorm2d": _batch_norm(3),
    "LayerNorm": LayerType(
        {"eps": _EPS, "elementwise_affine": _TRUE},
        effects.layer_norm,
        inferred=("normalized_shape",),
        keeps_positions=True,
    ),
    "GroupNorm": LayerType(
        {"num_groups": Argument(CHANNELS), "eps": _EPS, "affine": _TRUE},
        effects.group_norm,
        inferred=("num_channels",),
    ),
    "Dropout": _pointwise(p=Argument(real(0, 1), 0.5)),
    "Dropout2d": _pointwise((3,), p=Argument(real(0, 1), 0.5)),
    "Flatten": LayerType(
        {"start_dim": Argument(whole(1, 8), 1), "end_dim": Argument(whole(-8, 8), -1)},
        effects.flatten,
        integers="kept",
    ),
    "Unflatten": LayerType(
        {"dim": _DIM, "unflattened_size": Argument(sizes(3))}, effects.unflatten, integers="kept"
    ),
    "Transpose": LayerType({"dim0": _DIM, "dim1": _DIM}, effects.transpose, integers="kept"),
    **TEXTS,
    "Residual": LayerType({"layers": Argument(LAYERS)}, None),
    "Sequential": LayerType(
        {"layers": Argument(LAYERS), "repeat": Argument(whole(1, MAX_REPEAT), 1)}, None, integers="kept"
    ),
}
