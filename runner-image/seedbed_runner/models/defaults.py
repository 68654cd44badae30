"""What is trained when nobody said what: small, sensible, and the same for everybody."""

from typing import Any

from seedbed_runner.data.source import Kind


def default_layers(kind: Kind) -> list[dict[str, Any]]:
    """A small convolutional network for images, a perceptron with one hidden layer for tables.

    For texts, the average of learnt word vectors and a linear layer.
    """
    if kind == "text":
        return [
            {"type": "Embedding", "embedding_dim": 64},
            {"type": "Dropout", "p": 0.3},
            {"type": "MaskedMeanPool"},
            {"type": "Linear", "out_features": "classes"},
        ]
    if kind == "tabular":
        return [
            {"type": "Linear", "out_features": 64},
            {"type": "ReLU"},
            {"type": "Linear", "out_features": "classes"},
        ]
    block = [{"type": "BatchNorm2d"}, {"type": "ReLU"}]
    return [
        {"type": "Conv2d", "out_channels": 16, "kernel_size": 3, "padding": 1},
        *block,
        {"type": "MaxPool2d", "kernel_size": 2},
        {"type": "Conv2d", "out_channels": 32, "kernel_size": 3, "padding": 1},
        *block,
        {"type": "AdaptiveAvgPool2d", "output_size": 2},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": "classes"},
    ]
