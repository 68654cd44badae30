import ast

import pytest

from seedbed.api.source.imports import imports


@pytest.mark.parametrize(
    "line",
    [
        "import torch", "import torch.nn.functional as F", "from torch import nn, optim, Tensor",
        "from torch.nn.utils.parametrizations import weight_norm",
        "from torch.optim.lr_scheduler import StepLR",
        "import torchvision.models as models", "from torchvision import models",
        "from torchvision.models import resnet18", "from __future__ import annotations",
        "import math, functools, itertools", "from collections import OrderedDict",
        "from collections.abc import Callable", "from typing import NamedTuple",
    ],
)  # fmt: skip
def test_what_a_model_needs(line: str) -> None:
    assert list(imports(ast.parse(line))) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import os", "`os`"), ("import math, sys", "`sys`"),
        ("from subprocess import run", "`subprocess.run`"),
        ("import numpy as np", "`numpy`"), ("import random", "`random`"), ("import torchx", "`torchx`"),
        ("import torch.multiprocessing", "`torch.multiprocessing`"), ("import torch.nnx", "`torch.nnx`"),
        ("from torchvision import models, datasets", "`torchvision.datasets`"),
        ("from torch.utils.data import DataLoader", "`torch.utils.data.DataLoader`"),
        ("from .layers import Block", "single module"), ("from . import layers", "single module"),
        ("from torch.nn import *", "`import *`"), ("def f():\n    import socket", "`socket`"),
    ],
)  # fmt: skip
def test_what_it_does_not(line: str, name: str) -> None:
    (found,) = imports(ast.parse("\n" + line))
    assert found.code == "Import" and name in found.sentence
    assert found.line == line.count("\n") + 2


def test_the_sentence_says_what_there_is() -> None:
    (found,) = imports(ast.parse("import numpy"))
    assert " torch, " in found.sentence and "torchvision.models" in found.sentence
