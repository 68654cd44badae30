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


def bag(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """The average of a text's word vectors, then depth − 1 hidden layers: the order of words is lost."""
    hidden = [_wide(settings), _activation(settings), *_dropout(settings)] * (settings["depth"] - 1)
    pooled: list[Layer] = [{"type": "MaskedMeanPool"}, *_norm(settings, "LayerNorm")]
    return [*_embedding(settings), *pooled, *hidden, _OUTPUT]


def text_cnn(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """`depth` convolutions over the positions, then the largest value of each channel (Kim, 1408.5882)."""
    convolution: Layer = {
        "type": "Conv1d", "out_channels": width(settings), "kernel_size": 3, "padding": 1,
        "bias": not settings["norm"],
    }  # fmt: skip
    block = [convolution, *_norm(settings, "BatchNorm1d"), _activation(settings)]
    across: Layer = {"type": "Transpose", "dim0": 1, "dim1": 2}
    largest: list[Layer] = [{"type": "AdaptiveMaxPool1d", "output_size": 1}, {"type": "Flatten"}]
    return [*_embedding(settings), across, *block * settings["depth"], *largest, *_dropout(settings), _OUTPUT]


def recurrent(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """A GRU of `depth` layers that reads both ways, then the largest value of each feature."""
    gru: Layer = {
        "type": "GRU", "hidden_size": width(settings), "num_layers": settings["depth"], "bidirectional": True,
    }  # fmt: skip
    pooled: list[Layer] = [*_norm(settings, "LayerNorm"), {"type": "MaskedMaxPool"}]
    return [*_embedding(settings), gru, *pooled, *_dropout(settings), _OUTPUT]


def transformer(settings: Settings, shape: Sequence[int]) -> list[Layer]:
    """`depth` encoder layers over learnt positions, a head for each 32 features."""
    layer: Layer = {
        "type": "TransformerEncoderLayer", "nhead": max(1, width(settings) // 32),
        "dim_feedforward": 2 * width(settings), "dropout": settings["dropout"],
        "activation": "relu" if settings["activation"] == "ReLU" else "gelu", "norm_first": settings["norm"],
    }  # fmt: skip
    word, *dropout = _embedding(settings)
    pooled: list[Layer] = [*_norm(settings, "LayerNorm"), {"type": "MaskedMeanPool"}]
    return [word, {"type": "PositionalEmbedding"}, *dropout, *[layer] * settings["depth"], *pooled, _OUTPUT]


def _embedding(settings: Settings) -> list[Layer]:
    return [{"type": "Embedding", "embedding_dim": width(settings)}, *_dropout(settings)]


def _wide(settings: Settings) -> Layer:
    return {"type": "Linear", "out_features": width(settings)}


FAMILIES: dict[str, Family] = {
    "cnn": Family("CNN", cnn, base_width=8),
    "residual_cnn": Family("residual CNN", residual_cnn, base_width=8),
    "mlp": Family("MLP", mlp, base_width=32),
    "residual_mlp": Family("residual MLP", residual_mlp, base_width=32),
    "linear": Family("linear model", linear, settings=()),
    "bag": Family("bag of words", bag, base_width=32),
    "text_cnn": Family("text CNN", text_cnn, base_width=32),
    "recurrent": Family("GRU", recurrent, base_width=16, settings=("size", "depth", "norm", "dropout")),
    "transformer": Family("transformer", transformer, base_width=32),
}
