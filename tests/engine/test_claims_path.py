from collections import namedtuple

from seedbed.engine.claims_path import follow

Step = namedtuple("Step", "n decision")


def judged(decisions):
    return lambda n: Step(n, decisions.get(n, "Continue"))


def ns(path):
    return [step.n for step in path]


def test_only_the_looks_that_the_seeds_allow():
    assert ns(follow(3, (4, 6, 9, 12), judged({}))) == []
    assert ns(follow(8, (4, 6, 9, 12), judged({}))) == [4, 6]
    assert ns(follow(12, (4, 6, 9, 12), judged({}))) == [4, 6, 9, 12]


def test_nothing_after_the_look_that_decides():
    for decision in ("Achieved", "Futile", "NotReached"):
        assert ns(follow(12, (4, 6, 9, 12), judged({6: decision, 9: "Achieved"}))) == [4, 6]
