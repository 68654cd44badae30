"""Models as source text: good ones, and what is put into them to make bad ones."""

MLP = '''
"""A perceptron with one hidden layer."""

import math

import torch
from torch import nn

WIDTH = 16


class Perceptron(nn.Module):
    """Flatten, Linear, ReLU, Dropout, Linear."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(features, WIDTH), nn.ReLU(), nn.Dropout(0.1), nn.Linear(WIDTH, classes)
        )

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return self.layers(input)


def build_model(input_shape, num_classes):
    return Perceptron(math.prod(input_shape), num_classes)
'''

CNN = '''
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn, optim


@dataclass(frozen=True)
class Widths:
    """Channels of each stage."""

    stages: list[int] = field(default_factory=lambda: [4, 8])


class Net(nn.Module):
    def __init__(self, channels, classes, widths=Widths()):
        super().__init__()
        first, second = widths.stages
        self.one = nn.Conv2d(channels, first, 3, padding=1)
        self.norm = nn.BatchNorm2d(first)
        self.two = nn.Conv2d(first, second, 3, padding=1)
        self.head = nn.Linear(second, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.one(x))), 2)
        return self.head(F.relu(self.two(x)).mean(dim=(2, 3)))


def build_model(input_shape: tuple[int, ...], num_classes: int) -> nn.Module:
    return Net(input_shape[0], num_classes)


def build_optimizer(model, lr, weight_decay):
    decayed = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0, "lr": 2 * lr},
    ]
    return optim.SGD(groups, lr=lr, momentum=0.9, nesterov=True)


def augment(inputs):
    shift = int(torch.randint(-1, 2, ()))
    return torch.roll(inputs, shift, dims=-1) + 0.01 * torch.randn_like(inputs)
'''
