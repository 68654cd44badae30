from functools import partial

import pytest

from seedbed.engine.claims import LOOKS, LookResult, attempt_alpha, look
from seedbed.engine.claims_joint import JointLook, confirm_joint

ALPHA = attempt_alpha(1, 0.95)


def judge_of(scores, target):
    return lambda n: look(scores[:n], ALPHA, target, 0.001, 12)


def fixed(decisions):
    """A target whose decisions at the looks are given."""
    return lambda n: LookResult(n, 0.0, 0.0, 0.0, 0.0, 0.0, decisions[n])


GOOD = [0.985, 0.986, 0.984, 0.985] * 3
NEAR = [0.972, 0.978, 0.973, 0.977] * 3


def decided(*judges):
    path = confirm_joint(judges, 12, LOOKS)
    return [step.n for step in path], path[-1].decision


def test_one_target_alone_is_its_own_path():
    assert decided(judge_of(GOOD, 0.97)) == ([4], "Achieved")


def test_the_slowest_target_decides_when():
    assert decided(judge_of(GOOD, 0.97), judge_of(NEAR, 0.97))[0][0:2] == [4, 6]
    assert confirm_joint([judge_of(NEAR, 0.97), judge_of(GOOD, 0.97)], 4, LOOKS)[-1].missed == (0,)


def test_all_must_pass_at_the_same_look():
    first = fixed({4: "Achieved", 6: "Continue", 9: "Continue", 12: "NotReached"})
    second = fixed({4: "Continue", 6: "Achieved", 9: "Achieved", 12: "Achieved"})
    assert decided(first, second) == ([4, 6, 9, 12], "NotReached")


def test_one_hopeless_target_ends_the_attempt():
    assert decided(judge_of(GOOD, 0.97), judge_of(GOOD, 0.99)) == ([4], "Futile")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["Achieved", "Achieved"], "Achieved"),
        (["Achieved", "Continue"], "Continue"),
        (["Achieved", "NotReached"], "NotReached"),
        (["Continue", "Futile"], "Futile"),
    ],
)
def test_decisions_combine(parts, whole):
    made = partial(LookResult, 4, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert JointLook(4, tuple(map(made, parts))).decision == whole


def test_a_goal_with_one_target_missed_is_claimed_no_more_often_than_that_target():
    """Intersection-union: the good target, always passed, adds nothing to the error of the bad one."""
    import numpy as np

    rng = np.random.default_rng(0)
    sure = fixed(dict.fromkeys(LOOKS, "Achieved"))
    both = alone = 0
    for scores in (0.97 + 0.01 * rng.standard_normal((400, 12))).tolist():
        judge = judge_of(scores, 0.97)
        alone += confirm_joint([judge], 12, LOOKS)[-1].decision == "Achieved"
        both += confirm_joint([sure, judge], 12, LOOKS)[-1].decision == "Achieved"
    assert both == alone <= 0.06 * 400
