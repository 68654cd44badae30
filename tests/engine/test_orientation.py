import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engine.claims import attempt_alpha, confirm, target_problem
from seedbed.engine.intervals import Interval, t_interval
from seedbed.engine.orientation import Orientation
from seedbed_runner.contract.metrics import METRICS

UP, DOWN = Orientation("Maximize"), Orientation("Minimize")


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_an_interval_does_not_depend_on_the_direction(scores):
    assert DOWN.interval(t_interval(DOWN.scores(scores))) == t_interval(scores)
    assert UP.interval(t_interval(UP.scores(scores))) == t_interval(scores)


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12), st.floats(0.2, 0.8))
def test_a_loss_below_its_target_is_confirmed_as_its_mirror_is(scores, target):
    """Scores mirrored about the target: one above it by as much as the other is below."""
    alpha = attempt_alpha(1, 0.95)
    plain = confirm(UP.scores(scores), alpha, UP.inward(target), 0.01)
    mirrored = [-score for score in scores]
    found = confirm(DOWN.scores(mirrored), alpha, DOWN.inward(-target), 0.01)
    assert found == plain
    assert [DOWN.look(step).mean for step in found] == [-step.mean for step in plain]


def test_the_bound_that_decided_a_loss_is_an_upper_one():
    losses = [0.100, 0.101, 0.099, 0.100]
    step = DOWN.look(confirm(DOWN.scores(losses), 0.03, DOWN.inward(0.11), 0.001)[0])
    assert step.decision == "Achieved"
    assert step.mean == pytest.approx(0.1) and step.mean < step.bound <= 0.11


def test_a_loss_can_be_too_near_its_best():
    problem = target_problem(0.0001, METRICS["log_loss"], 1000)
    assert problem is not None and "the step above 0 is 0.0010" in problem and "at least 0.0010" in problem
    assert target_problem(0.1, METRICS["log_loss"], 1000) is None


def test_ends_of_an_interval_change_places():
    assert DOWN.interval(Interval(-3.0, -2.0, 5)) == Interval(2.0, 3.0, 5)
    assert UP.interval(Interval(-3.0, -2.0, 5)) == Interval(-3.0, -2.0, 5)
