"""How each proposal came to be, for each thing that can become of its calls."""

import pytest

from fakes.recorded import CALLS, PROPOSALS, failed, prompted
from seedbed.planning.history import MEMO
from seedbed.planning.llm.entries import Journal
from seedbed.planning.llm.journal import Call
from seedbed.planning.llm.origin import in_words, origins

JOURNAL = Journal(tuple(CALLS))
WORDS = {
    1: "the model's answer (e001-02) after e001-01 failed (RateLimited: too many requests)",
    2: "the model's second answer, repaired (e002-02) after e002-01 could not be used "
    "(training.epochs: write 1 to 10000, not 0)",
    3: "from the model's answer for experiment 2 (e002-02)",
    4: "the search planner proposed it, since e004-01 had no answer; e004-02 failed "
    "(BadKey: provider default: the key is refused)",
    5: "the model's answer (e005-02)",
    6: "the model stopped the search: nothing more is worth trying",
}


@pytest.mark.parametrize("index", WORDS)
def test_how_a_proposal_came_in_words(index):
    assert in_words(origins(JOURNAL, PROPOSALS)[index]) == WORDS[index]


def test_every_proposal_has_an_origin_in_order():
    assert list(origins(JOURNAL, PROPOSALS)) == [1, 2, 3, 4, 5, 6]


def test_a_call_that_left_nothing_was_never_sent():
    found = origins(JOURNAL, PROPOSALS)
    assert found[5].never_sent == (1,) and found[4].never_sent == ()


def test_without_a_call_the_search_planner_is_named():
    searched = {7: PROPOSALS[1].model_copy(update={"memo": {MEMO: {}}})}
    (origin,) = origins(Journal(), searched).values()
    assert in_words(origin) == (
        "the search planner proposed it, since no call was made for it, as when too few tokens are left"
    )


def test_a_proposal_that_nobody_has_made_yet():
    (origin,) = origins(Journal((Call(prompted=prompted(1)),)), {}).values()
    assert in_words(origin) == "no proposal: e001-01 had no answer"


def test_a_proposal_whose_call_can_not_be_read():
    (origin,) = origins(Journal(), {5: PROPOSALS[5]}).values()
    assert in_words(origin) == "nothing is kept of the call it came from"


def test_what_could_not_be_sent_is_a_reason_too():
    unsent = failed(1, 2, "NoSuchProvider", "no provider default is set up")
    searched = {1: PROPOSALS[4]}
    (origin,) = origins(Journal((Call(prompted=prompted(1)),), (unsent,)), searched).values()
    assert in_words(origin) == (
        "the search planner proposed it, since e001-01 had no answer; "
        "e001-02 failed (NoSuchProvider: no provider default is set up)"
    )
    assert origin.never_sent == ()
