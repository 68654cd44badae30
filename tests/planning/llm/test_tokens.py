import pytest

from seedbed.planning.llm.tokens import MESSAGE, at_most, of_messages


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("width", 2),
        ("the width", 1 + 2),  # the space goes with the word
        ("0.9512", 6),
        ("n 2", 1 + 1 + 1),
        ("a  b\n", 1 + 1 + 1 + 1),
        ("é×", 4),
    ],
)
def test_letters_count_by_threes_and_all_else_by_bytes(text, tokens):
    assert at_most(text) == tokens


def test_a_chat_pays_for_each_message():
    assert of_messages([{"role": "user", "content": "a"}] * 3) == 3 * (MESSAGE + 1)
