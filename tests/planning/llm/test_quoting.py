import json

import pytest

from seedbed.planning.llm.quoting import one_line, quoted, quoted_json


def test_one_line_is_printable_and_short():
    assert one_line("a\n\tb\u202ec\ud800", 10) == "a b c"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize("text", ["x" * 50, "é" * 50, "测" * 50, "`" * 50, "|~" * 30])
def test_a_quotation_has_a_size_in_bytes(text):
    assert len(quoted(text, 20).encode()) <= 20 + 2
    assert quoted(text, 1000)[1:-1].isprintable()


def test_a_quotation_can_not_be_left():
    assert quoted('a"b`c|d<e>', 50) == "\"a'b'c¦d‹e›\""


def test_json_reads_back_as_it_was():
    value = {"source": 'if a < b:\n    print("`|~é")'}
    text = quoted_json(value, 200)
    assert json.loads(text) == value
    assert not set(text) & set("<>|`~\n")
    assert quoted_json(value, 10).endswith("… (cut)")
