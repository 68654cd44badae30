"""What the journal keeps becomes calls in their order; what is damaged is told, and the rest is read."""

import json

import pytest

from fakes.recorded import CALLS, failed, prompted, replied
from seedbed.planning.llm.entries import label, pair

SIDES = {"Prompted": "prompt", "Replied": "reply"}


def entries(*models):
    """As the store has them, by key."""
    return {
        f"default/g-u/journal/{label(each.index, each.call)}-{SIDES[type(each).__name__]}.json": json.dumps(
            each.document()
        ).encode()
        for each in models
    }


def test_calls_come_in_the_order_of_proposal_and_number():
    both = [side for call in reversed(CALLS) for side in (call.replied, call.prompted) if side]
    found = pair(entries(*both) | {"default/g-u/journal/notes.txt": b"?"})
    assert list(found.calls) == CALLS
    assert found.unsent == found.damaged == ()


def test_a_failure_without_a_prompt_was_never_sent():
    unsent = failed(2, 1, "NoSuchProvider", "there is none")
    found = pair(entries(prompted(1), unsent))
    assert ([call.prompted.index for call in found.calls], found.unsent, found.damaged) == (
        [1],
        (unsent,),
        (),
    )


KEY = "default/g-u/journal/e002-01-"
PROMPT = entries(prompted(2))[f"{KEY}prompt.json"]
OTHER = entries(prompted(3)).popitem()[1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({f"{KEY}prompt.json": b"{"}, f"{KEY}prompt.json is damaged: no JSON, EOF while parsing "),
        ({f"{KEY}prompt.json": b"\xff\x1b"}, f"{KEY}prompt.json is damaged: "),
        ({f"{KEY}prompt.json": b"[" * 100_000}, f"{KEY}prompt.json is damaged: "),
        ({f"{KEY}reply.json": b'{"format": 2}'}, f"{KEY}reply.json is damaged: format: write "),
        ({f"{KEY}reply.json": PROMPT}, f"{KEY}reply.json is damaged: "),
        ({f"{KEY}prompt.json": OTHER}, f"{KEY}prompt.json is the entry of e003-01: "),
        ({f"{KEY}prompt.json": None}, f"{KEY}reply.json has no prompt beside it: put it back"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_told_in_a_sentence_and_the_rest_is_read(change, sentence):
    kept = entries(prompted(1), replied(1), prompted(2), replied(2)) | change
    found = pair({key: data for key, data in kept.items() if data is not None})
    assert [call.prompted.index for call in found.calls] == [1]
    (told,) = found.damaged
    assert told.startswith(sentence)
    assert told.isprintable() and len(told) < 500
