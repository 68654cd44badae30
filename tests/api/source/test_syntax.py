import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.source.finding import Finding
from seedbed.api.source.syntax import MAX_DEPTH, parse

LONG = "x" * 40_000
BAD = {
    "empty": (" \n", 1, "Size"),
    "ten megabytes": ("x = 1\n" * 1_700_000, 1, "Size"),
    "many bytes in few letters": ("# " + "é" * 20_000, 1, "Size"),
    "nul": ("x = 1\ny = '\0'\n", 2, "Characters"),
    "escape sequence": ("x = 1\n# \x1b[31m\n", 2, "Characters"),
    "half a surrogate": ("x = 1\n\n# \ud800\n", 3, "Characters"),
    "indentation": ("x = 1\n  y = 2\n", 2, "Syntax"),
    "return outside a function": ("x = 1\nreturn x\n", 2, "Syntax"),
    "break outside a loop": ("def f():\n    break\n", 2, "Syntax"),
    "a parameter twice": ("\ndef f(a, a): pass\n", 2, "Syntax"),
    "parentheses": ("x = 1\ny = " + "(" * 5_000, 2, "Syntax"),
    "a long number": ("x = 1\ny = " + "9" * 5_000, 2, "Syntax"),
    "signs": ("-" * 30_000 + "1", 1, "Depth"),
    "attributes": ("a" + ".b" * 15_000, 1, "Depth"),
    "sums": ("a" + "+a" * 10_000, 1, "Depth"),
    "lambdas": ("lambda:" * 4_000 + "1", 1, "Depth"),
    "elif": ("if 1: pass\n" + "elif 1: pass\n" * 2_000, MAX_DEPTH + 1, "Depth"),
    "a formatted string": ("f'{" + "-" * 20_000 + "1}'", 1, "Depth"),
}


@pytest.mark.parametrize(("text", "line", "code"), BAD.values(), ids=BAD.keys())
def test_text_that_can_not_be_read(text: str, line: int, code: str) -> None:
    found = parse(text)
    assert isinstance(found, Finding)
    assert (found.line, found.code) == (line, code)
    assert len(found.sentence) < 300


def test_the_depth_that_is_allowed() -> None:
    assert isinstance(parse("x = a" + "+a" * (MAX_DEPTH - 4)), ast.Module)
    assert isinstance(parse("x = a" + "+a" * MAX_DEPTH), Finding)


def test_what_python_only_warns_of_is_read() -> None:
    assert isinstance(parse("x = '\\d'\ny = 1 is 1\n"), ast.Module)


@given(st.text(alphabet="ab1.,:=()[]{}'\"\\#@*-\n\t \0\ud800λ", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert isinstance(parse(text), ast.Module | Finding)
