"""The model families of the search planner: from a few settings to a list of layers, and to words.

All families share the settings `size` (each step doubles the width), `depth`, `norm`, `activation` and
`dropout`, so that what is learnt of one family says something of the next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.planning.dimensions import Settings

Layer = dict[str, Any]
Build = Callable[[Settings, Sequence[int]], list[Layer]]

_OUTPUT: Layer = {"type": "Linear", "out_features": "classes"}


@dataclass(frozen=True)
class Family:
    """One kind of model.

    Attributes:
        title: in a sentence, as in "a CNN".
        build: layers for an item's shape.
        base_width: channels or features at size 0.
        settings: which settings it depends on.
    """

    title: str
    build: Build
    base_width: int = 0
    settings: tuple[str, ...] = ("size", "depth", "norm", "activation", "dropout")


def width(settings: Settings) -> int:
    """Channels or features of the first layer."""
    doublings: int = settings["size"]
    return FAMILIES[settings["family"]].base_width << doublings


def words(settings: Settings) -> dict[str, str]:
    """The model's settings for people, by name; the family is `model`."""
    family = FAMILIES[settings["family"]]
    named = {
        "size": ("width", str(width(settings))),
        "depth": ("depth", str(settings["depth"])),
        "norm": ("normalisation", "on" if settings["norm"] else "off"),
        "activation": ("activation", str(settings["activation"])),
        "dropout": ("dropout", f"{settings['dropout']:g}"),
    }
    return {"model": family.title} | dict(named[name] for name in family.settings)


def linear(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """Logistic regression."""
    return [*_flat(shape), _OUTPUT]


def mlp(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """`depth` hidden layers of the same width."""
    hidden = [
        {"type": "Linear", "out_features": width(settings), "bias": not settings["norm"]},
        *_norm(settings, "BatchNorm1d"),
        _activation(settings),
        *_dropout(settings),
    ]
    return [*_flat(shape), *hidden * settings["depth"], _OUTPUT]


def residual_mlp(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """`depth` pre-normalised blocks that widen twofold inside, as in Gorishniy et al. (2106.11959)."""
    norm = _norm(settings, "LayerNorm")
    inside: list[Layer] = [
        *norm,
        {"type": "Linear", "out_features": 2 * width(settings)},
        _activation(settings),
        *_dropout(settings),
        {"type": "Linear", "out_features": width(settings)},
    ]
    blocks: list[Layer] = [{"type": "Residual", "layers": inside}] * settings["depth"]
    first: Layer = {"type": "Linear", "out_features": width(settings)}
    return [*_flat(shape), first, *blocks, *norm, _activation(settings), _OUTPUT]


def cnn(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """`depth` stages of one convolution, each twice as wide, halving the sides while they are 4 or more."""
    layers: list[Layer] = []
    side = min(shape[1:])
    for stage in range(settings["depth"]):
        layers += [*_convolution(settings, width(settings) << stage), _activation(settings)]
        if side >= 4:
            layers.append({"type": "MaxPool2d", "kernel_size": 2})
            side //= 2
    if side > 4:  # at most 4 × 4 positions go into the last layer
        layers.append({"type": "AvgPool2d", "kernel_size": -(-side // 4)})
    return [*layers, {"type": "Flatten"}, *_dropout(settings), _OUTPUT]


def residual_cnn(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """A stem and `depth` stages of one block of two convolutions, as in He et al. (1512.03385)."""
    layers = [*_convolution(settings, width(settings)), _activation(settings)]
    side = min(shape[1:])
    for stage in range(settings["depth"]):
        stride = 2 if stage > 0 and side >= 4 else 1
        side = -(-side // stride)
        channels = width(settings) << stage
        inside = [
            *_convolution(settings, channels, stride),
            _activation(settings),
            *_convolution(settings, channels),
        ]
        block: Layer = {"type": "Residual", "layers": inside}
        layers += [block, _activation(settings)]
    average: list[Layer] = [{"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Flatten"}]
    return [*layers, *average, *_dropout(settings), _OUTPUT]


def _flat(shape: Sequence[int]) -> list[Layer]:
    return [{"type": "Flatten"}] if len(shape) > 1 else []


def _convolution(settings: Settings, channels: int, stride: int = 1) -> list[Layer]:
    convolution = {
        "type": "Conv2d", "out_channels": channels, "kernel_size": 3, "padding": 1, "stride": stride,
        "bias": not settings["norm"],
    }  # fmt: skip
    return [convolution, *_norm(settings, "BatchNorm2d")]


def _norm(settings: Settings, name: str) -> list[Layer]:
    return [{"type": name}] if settings["norm"] else []


def _activation(settings: Settings) -> Layer:
    return {"type": settings["activation"]}


def _dropout(settings: Settings) -> list[Layer]:
    return [{"type": "Dropout", "p": settings["dropout"]}] if settings["dropout"] else []


FAMILIES: dict[str, Family] = {
    "cnn": Family("CNN", cnn, base_width=8),
    "residual_cnn": Family("residual CNN", residual_cnn, base_width=8),
    "mlp": Family("MLP", mlp, base_width=32),
    "residual_mlp": Family("residual MLP", residual_mlp, base_width=32),
    "linear": Family("linear model", linear, settings=()),
}
