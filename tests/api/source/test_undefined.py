import ast

import pytest

from seedbed.api.source.undefined import undefined


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def f():\n    return nn.Linear(1, 2)", 2, "undefined name 'nn'"),
        ("x = 1\ndef f():\n    print(x)\n    x = 2", 3, "local variable 'x'"),
        ("def f():\n    return '{} {}'.format(1)", 2, "missing"),
        ("def f():\n    return '%s %s' % (1,)", 2, "2 placeholder(s) but 1"),
    ],
)
def test_what_would_fail_a_run(text: str, line: int, words: str) -> None:
    (found,) = undefined(ast.parse(text))
    assert (found.code, found.line) == ("Undefined", line)
    assert words in found.sentence


@pytest.mark.parametrize("text", ["import os", "def f():\n    x = 1", "def f(): pass\ndef f(): pass"])
def test_what_would_not(text: str) -> None:
    assert list(undefined(ast.parse(text))) == []


def test_an_annotation_in_quotes_that_is_too_deep() -> None:
    (found,) = undefined(ast.parse(f"x: '{'-' * 20_000}1'"))
    assert (found.code, found.line) == ("Depth", 1)
