import time

import pytest

from seedbed.planning.llm.extract import MAX_BYTES, Unreadable, json_object


def mistake(text):
    with pytest.raises(Unreadable) as caught:
        json_object(text)
    return str(caught.value)


def test_json_by_itself_is_read():
    assert json_object(' {"a": [1, "```"]}\n') == {"a": [1, "```"]}


def test_the_last_fenced_block_counts():
    thinking = '<think>\n```json\n{"a": 1}\n```\nno</think>\n'
    assert json_object(thinking + 'So:\n\n- here\n\n  ~~~JSON\n  {"a":\n   2}\n  ~~~\nDone.') == {"a": 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the answer is empty"),
        ("I would widen the model.", "there is no JSON in the answer"),
        ("```json\n[1]\n```", "JSON but no object"),
        ('{"a": 1', "line 1, column 8, where the text ends"),
        ('{"a": 1,}', "is not JSON"),
        ('{"a": NaN}', "holds NaN"),
        ('{"a": ' + "1" * 5000 + "}", "too many digits"),
        ('{"a": {"b": 1, "b": 2}}', "gives 'b' twice"),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "nested more than 24 deep"),
        ('{"a": ' + "[" * 20_000, "nested more than 24 deep"),
        ('{"a": "' + "é" * (MAX_BYTES // 2) + '"}', "longer than the 64,000 bytes"),
    ],
)
def test_anything_else_is_a_sentence(text, says):
    assert says in mistake(text)


@pytest.mark.parametrize("piece", ["* a\n", "> ", "```\n", "`", '{"a":', "[", "1. "])
def test_no_reply_takes_long(piece):
    start = time.monotonic()
    mistake("x" + piece * (MAX_BYTES // len(piece) - 1))
    assert time.monotonic() - start < 5
