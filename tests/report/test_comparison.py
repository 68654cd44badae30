"""What may be compared, and the words for it."""

import dataclasses

import pytest

from report.goals import build_experiment, result
from seedbed.engine.comparison import compare, holm
from seedbed.errors import InvalidInput
from seedbed.report import comparison as module
from seedbed.report.comparison import finding, orientation, sample_of, side_by_side
from seedbed.report.comparison_words import remarks, sentence
from seedbed_runner.contract.metrics import METRICS

LOW, HIGH = [0.950, 0.952, 0.951, 0.953, 0.949], [0.970, 0.972, 0.971, 0.973, 0.969]


def sample(name, scores, purpose="Explore", goal="digits", **update):
    experiment = build_experiment(name, list(range(len(scores) or 1)), purpose=purpose, goal=goal)
    return sample_of(experiment, [result(name, i, s, **update) for i, s in enumerate(scores)])


def beside(*samples, paired=False, all_pairs=False, confidence=0.95):
    return side_by_side(samples, paired=paired, confidence=confidence, all_pairs=all_pairs)


def test_a_sample_is_what_the_records_hold_by_seed():
    experiment = build_experiment("digits-e001", [5, 3, 4])
    runs = [result("digits-e001", 5, 0.9, diverged=True), result("digits-e001", 3, 0.8)]
    failed = result("digits-e001", 4, None, outcome="Failed")
    found = sample_of(experiment, [*runs, failed])
    assert (found.seeds, found.scores, found.diverged, found.unscored) == ((3, 5), (0.8, 0.9), 1, 1)
    assert (found.metric, found.split, found.items, found.goal) == ("accuracy", "validation", 12, "digits")


@pytest.mark.parametrize(("scores", "words"), [([0.9], "1 scored seed"), ([], "0 scored seeds")])
def test_fewer_than_two_scores_compare_with_nothing(scores, words):
    with pytest.raises(InvalidInput, match=f"^x has {words} on record, but a comparison needs 2 or more$"):
        sample("x", scores)


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"metric": "f1_macro"}, "a has the metric accuracy but b has f1_macro: only scores of one metric "),
        ({"split": "test"}, "a has the split validation but b has test"),
        (
            {"data_hash": "sha256:" + "0" * 64},
            "a has the data hash sha256:dadadadadada but b has sha256:0000",
        ),
    ],
)
def test_what_differs_is_named(update, words):
    with pytest.raises(InvalidInput, match=words):
        beside(sample("c", LOW), sample("a", LOW), sample("b", HIGH, **update))


def test_pairs_need_the_same_seeds():
    shifted = dataclasses.replace(sample("b", HIGH), seeds=(1, 2, 3, 4, 5))
    with pytest.raises(InvalidInput, match="a has 5 and b 5, of which 4 are the same"):
        beside(sample("a", LOW), shifted, paired=True)
    assert beside(sample("a", LOW), shifted).comparisons[0].difference.paired is False
    assert beside(sample("a", LOW), sample("b", HIGH), paired=True).comparisons[0].difference.paired is True


def test_the_numbers_are_the_engines():
    (found,) = beside(sample("a", LOW), sample("b", HIGH), confidence=0.9).comparisons
    assert found == compare(LOW, HIGH, names=("a", "b"), resolution=1 / 12, confidence=0.9)


def test_the_first_is_the_reference_unless_every_pair_is_asked_for():
    samples = [sample("a", LOW), sample("b", HIGH), sample("c", HIGH)]
    found = beside(*samples).comparisons
    assert [(each.a, each.b) for each in found] == [("a", "b"), ("a", "c")]
    assert [each.p_adjusted for each in found] == holm([each.difference.p for each in found])
    assert len(beside(*samples, all_pairs=True).comparisons) == 3


def test_better_and_worse_in_words():
    low, high = sample("a", LOW, items=1000), sample("b", HIGH, items=1000)
    for first, second, words in ((low, high, "b is better than a"), (high, low, "a is worse than b")):
        found = beside(first, second)
        said = sentence(found.comparisons[0], found)
        assert said.startswith(f"{words} by 0.0200, 95 % interval [0.0177, 0.0223], p < 0.0001")


def test_what_can_not_be_told_is_not_told():
    found = beside(sample("a", LOW), sample("b", [0.951, 0.955, 0.953, 0.949, 0.952]))
    assert finding(found.comparisons[0], 0.95) == "NotTold"
    said = sentence(found.comparisons[0], found)
    assert said.startswith("b can't be told from a; ahead by +0.0010, 95 % interval [-0.")
    assert said.endswith(f"p = {found.comparisons[0].difference.p:.4f}")


def test_holms_p_decides_not_each_ones_own():
    one = compare(LOW, HIGH, resolution=0.001)
    assert finding(one, 0.95) == "Better"
    assert finding(dataclasses.replace(one, p_adjusted=0.06), 0.95) == "NotTold"


def test_two_seeds_decide_nothing():
    found = beside(sample("a", [0.1, 0.1], items=1000), sample("b", HIGH, items=1000))
    assert found.comparisons[0].difference.p < 0.05
    assert finding(found.comparisons[0], 0.95) == "TooFew"
    assert "two seeds are too few to decide" in sentence(found.comparisons[0], found)


def test_less_is_better_where_the_metric_says_so(monkeypatch):
    @dataclasses.dataclass(frozen=True)
    class Falling(type(METRICS["accuracy"])):
        direction: str = "Minimize"

    monkeypatch.setitem(module.METRICS, "accuracy", Falling("accuracy", "Error"))
    assert orientation(METRICS["accuracy"]).direction == "Minimize"
    found = beside(sample("a", LOW, items=1000), sample("b", HIGH, items=1000))
    assert sentence(found.comparisons[0], found).startswith(
        "b is worse than a by 0.0200, 95 % interval [0.0177"
    )
    assert found.comparisons[0].superiority == 0.0


def test_remarks_say_what_the_numbers_can_not_carry():
    after = "Explorations are compared after selection"
    said = " ".join(remarks(beside(sample("a", LOW), sample("b", HIGH))))
    assert after in said and "Welch's t" in said and "no claim" in said
    assert "each for itself" not in said and "rough" not in said and "diverged" not in said
    confirmed = sample("c1", LOW, "Confirm"), sample("c2", HIGH, "Confirm")
    assert "A confirmation ends when its scores decide it" in " ".join(remarks(beside(*confirmed)))
    alone = sample("a", LOW, goal=None), sample("b", HIGH, goal=None)
    assert not {after, "A confirmation ends"} & set(" ".join(remarks(beside(*alone))).split(": "))
    few = dataclasses.replace(sample("d", HIGH[:4]), diverged=2, unscored=1)
    said = " ".join(remarks(beside(*alone, few)))
    assert "each for itself" in said and "fewer than 5 seeds" in said
    assert "2 of 4 seeds of d diverged" in said and "1 seed of d failed" in said
    pairs = remarks(beside(*alone, paired=True))
    assert "Student's t of pairs" in pairs[0]
