import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.report import text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.84, "0.8 s"),
        (42, "42 s"),
        (59.7, "1 min 0 s"),
        (425, "7 min 5 s"),
        (3600, "1 h 0 min"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations(seconds, words):
    assert text.duration(seconds) == words


def test_numbers():
    assert text.score(0.97) == "0.9700" and text.score(None) == "–"
    assert text.signed(0.01) == "+0.0100" and text.signed(-0.01) == "-0.0100"
    assert text.interval(0.9, 1) == "[0.9000, 1.0000]" and text.interval(None, 1) == "–"
    assert text.percent(0.975) == "97.5 %"
    assert [text.decision(word) for word in ("Achieved", "NotReached")] == ["shown", "not shown"]
    assert text.count(1, "run") == "1 run" and text.count(2000, "run") == "2,000 runs"


@given(st.text(), st.integers(2, 50))
def test_cleaned_text_is_one_short_printable_line(raw, length):
    cleaned = text.clean(raw, length)
    assert cleaned.isprintable() and len(cleaned) <= length


def test_control_characters_go():
    assert text.clean("a\x1b[31m\nb\u202ec") == "a[31m bc"
