import ast

import pytest

from seedbed.api.source.interface import interface

GOOD = "def build_model(input_shape, num_classes): return 1\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "def build_model(input_shape, num_classes, width=3, *, depth=2, **more): return 1",
        "def build_model(input_shape, /, num_classes=10): return 1",
        GOOD + "def build_optimizer(model, lr, weight_decay): return 1\ndef augment(inputs): return inputs",
        "def build_model(input_shape, num_classes):\n    if num_classes: return 1\n    raise ValueError",
    ],
)
def test_functions_that_can_be_called(text: str) -> None:
    assert list(interface(ast.parse(text))) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1", 1, "there is no function build_model(input_shape, num_classes)"),
        ("class Net:\n    def build_model(self, input_shape, num_classes): return 1", 1, "at the top level"),
        ("\nbuild_model = lambda input_shape, num_classes: 1", 2, "defined by `def`"),
        ("\nasync def build_model(input_shape, num_classes): return 1", 2, "defined by `def`"),
        ("from typing import cast as build_model", 1, "defined by `def`"),
        ("def build_model(input_shape): return 1", 1, "but this is build_model(input_shape)"),
        ("def build_model(num_classes, input_shape): return 1", 1, "called as build_model(input_shape, "),
        ("def build_model(input_shape, num_classes, width): return 1", 1, "further parameters need defaults"),
        ("def build_model(input_shape, num_classes, *, width): return 1", 1, "need defaults"),
        ("def build_model(input_shape, num_classes):\n    def f(): return 1", 1, "never returns anything"),
        ("def build_model(input_shape, num_classes):\n    yield 1", 1, "not yield"),
        (GOOD + "def build_optimizer(model): return 1", 2, "(model, lr, weight_decay)"),
        (GOOD + "def augment(inputs, labels): return inputs", 2, "called as augment(inputs)"),
    ],
)
def test_functions_that_can_not(text: str, line: int, words: str) -> None:
    (found,) = interface(ast.parse(text))
    assert (found.code, found.line) == ("Interface", line)
    assert words in found.sentence
