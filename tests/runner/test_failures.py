from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seedbed_runner.contract.layers import LayerError
from seedbed_runner.contract.source import FILE
from seedbed_runner.errors import ModelFailure
from seedbed_runner.failures import classify, printable


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelFailure("NonFinite", "the loss became nan"), "NonFinite"),
        (LayerError("layers[0] Conv2d: …"), "Shape"),
        (MemoryError(), "OutOfMemory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "OutOfMemory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "OutOfMemory"),
        (KeyError("x"), "Crash"),
        (RuntimeError("something else"), "Crash"),
    ],
)
def test_reasons(error: Exception, reason: str) -> None:
    assert classify(error).reason == reason


@pytest.mark.parametrize(
    "forward",
    [
        lambda: torch.nn.Linear(3, 2)(torch.zeros(1, 4)),
        lambda: torch.nn.Conv2d(3, 2, 1)(torch.zeros(1, 4, 5, 5)),
        lambda: torch.nn.Conv2d(1, 2, 9)(torch.zeros(1, 1, 5, 5)),
        lambda: torch.nn.BatchNorm1d(3)(torch.zeros(1, 3)),
        lambda: torch.zeros(2, 3).view(7),
        lambda: torch.zeros(2, 3) + torch.zeros(2, 4),
    ],
)
def test_torchs_own_shape_errors_are_recognised(forward: object) -> None:
    with pytest.raises(Exception) as caught:
        forward()  # type: ignore[operator]
    failure = classify(caught.value)
    assert failure.reason == "Shape", failure


def test_the_sentence_is_the_type_and_the_first_line() -> None:
    assert classify(ValueError("one\ntwo")).message == "ValueError: one"
    assert classify(ValueError()).message == "ValueError"


def test_the_last_line_of_a_model_s_source_comes_first() -> None:
    names: dict[str, Any] = {}
    exec(compile("def f(g):\n    return g()\ndef h():\n    return int('x')\n", FILE, "exec"), names)
    with pytest.raises(ValueError) as caught:
        names["f"](names["h"])
    assert classify(caught.value).message.startswith("line 4 of the source: ValueError: invalid literal")
    with pytest.raises(ZeroDivisionError) as outside:
        names["f"](lambda: 1 / 0)
    assert classify(outside.value).message == "line 2 of the source: ZeroDivisionError: division by zero"


@given(st.text(max_size=3000))
def test_any_text_becomes_one_short_printable_line(text: str) -> None:
    line = printable(text)
    assert len(line) <= 500 and line.isprintable()


def test_terminal_codes_are_gone() -> None:
    assert printable("\x1b[31mred\x00\nnext") == "[31mred next"
