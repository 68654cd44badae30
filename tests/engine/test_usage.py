"""Added up against counts made by hand."""

import pytest

from fakes.entries import entry
from fakes.memory import HASH
from seedbed.engine.usage import add_up, by_source, uses

OTHER = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("told", "evaluations", "pending"),
    [
        ([(4, None)], 0, 4),
        ([(4, None), (4, 4)], 4, 0),
        ([(4, None), (4, 3), (4, 4)], 4, 0),  # one that was stopped had been scored
        ([(4, None), (4, 4), (9, None)], 4, 5),  # opened again
        ([(4, None), (4, 3), (9, None), (9, 8)], 8, 0),
        ([(12, 7)], 7, 0),
    ],
)
def test_the_last_entry_of_a_use_counts(told, evaluations, pending):
    entries = [entry(begun, scored, at=float(at)) for at, (begun, scored) in enumerate(told)]
    (use,) = uses([*reversed(entries), *entries])
    assert (use.evaluations, use.pending, use.entry) == (evaluations, pending, entries[-1])


def test_splits_and_sources_are_added_up():
    wider = "sha256:bb" + "0" * 62
    entries = [
        entry(4, 4, at=1.0),
        entry(6, None, experiment="g-c2", attempt=2, alpha=0.01, configuration=wider, at=2.0),
        entry(4, 4, owner="h-2", goal="h", at=3.0),
        entry(2, 0, owner="m-3", goal=None, attempt=None, experiment="m", alpha=0.0, configuration=OTHER),
        entry(9, 9, owner="i-4", goal="i", data_hash=OTHER, split="seed 1", at=9.0),
        entry(4, 4, source_hash=OTHER, dataset="iris", owner="g-9"),
    ]
    digits, iris = by_source(entries)
    assert (digits.dataset, digits.source_hash, iris.dataset, iris.source_hash) == (
        "digits", HASH, "iris", OTHER,
    )  # fmt: skip
    assert [(split.split, split.data_hash) for split in digits.splits] == [
        ("seed 1", OTHER),
        ("seed 0", HASH),
    ]
    here = digits.splits[1].usage
    assert (here.evaluations, here.pending, here.configurations, here.attempts) == (8, 6, 2, 3)
    assert here.alpha == pytest.approx(0.07)
    assert (here.goals, here.experiments, here.last) == (("g", "h"), ("m",), 3.0)
    whole = digits.usage
    assert (whole.evaluations, whole.pending, whole.configurations, whole.attempts) == (17, 6, 3, 4)
    assert iris.usage.evaluations == 4


def test_goals_of_one_name_are_two_goals():
    assert add_up(uses([entry(), entry(owner="g-2")])).goals == ("g", "g")


def test_nothing_is_nothing():
    assert by_source([]) == [] and add_up([]).evaluations == 0
