from fakes.planning import card, goal, line, request
from seedbed.api.training import ModelSpec, Training
from seedbed.planning.contract import Proposal, Tried
from seedbed.planning.llm.cutting import LATEST, fewest, in_words, order

PROPOSAL = Proposal(
    hypothesis="h",
    training=Training(),
    model=ModelSpec(layers=[{"type": "Linear", "out_features": "classes"}]),
)


def asked(means, pending=0):
    history = [Tried(proposal=PROPOSAL, line=line(i, mean)) for i, mean in enumerate(means, 1)]
    return request(len(means) + pending + 1, history, [PROPOSAL] * pending, goal(), card())


def test_what_a_next_step_builds_on_is_cut_last():
    means = [0.5] * 20
    means[1], means[3], means[4] = 0.8, 0.9, 0.7  # experiments 2, 4 and 5
    old = [1, 3, *range(6, 20 - LATEST + 1)]
    late = [2, 5, *range(20 - LATEST + 1, 21)]
    assert order(asked(means, pending=2)) == [
        ("configuration", 5), ("configuration", 2), ("configuration", 21), ("configuration", 22),
        *[("texts", index) for index in old], *[("row", index) for index in old],
        *[("texts", index) for index in late], *[("row", index) for index in late],
        ("row", 21), ("row", 22), ("texts", 4), ("configuration", 4),
    ]  # fmt: skip


def test_where_nothing_was_scored_there_is_no_best():
    assert order(asked([])) == []
    assert order(asked([None, None])) == [("texts", 1), ("texts", 2), ("row", 1), ("row", 2)]


def test_no_more_is_cut_than_is_needed():
    cuts = [("row", index) for index in range(1, 9)]
    for needed in range(9):
        assert fewest(cuts, lambda cut, needed=needed: len(cut) >= needed) == frozenset(cuts[:needed])
    assert fewest(cuts, lambda cut: False) is None


def test_what_was_cut_in_words():
    assert in_words(frozenset({("row", 3), ("row", 1)})) == ("rows: 2 (experiments 1 to 3)",)
