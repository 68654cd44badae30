import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed.engine.claims import attempt_alpha
from seedbed.engine.claims_reliability import confirm_reliability, reliability_seeds

ALPHA = attempt_alpha(1, 0.95)


def test_pins():
    assert [reliability_seeds(ALPHA, q) for q in (0.5, 0.8, 0.9, 0.95)] == [6, 16, 34, 69]


@given(st.integers(1, 10), st.floats(0.05, 0.99))
def test_the_number_is_the_smallest_whose_chance_is_below_alpha(attempt, rate):
    alpha = attempt_alpha(attempt, 0.95)
    m = reliability_seeds(alpha, rate)
    assert rate**m <= alpha * (1 + 1e-6)
    assert m == 1 or rate ** (m - 1) > alpha


@pytest.mark.parametrize("rate", [0.0, 1.0, 1.2, -0.1])
def test_rates_that_are_none(rate):
    with pytest.raises(ValueError, match="`rate` is .* must be in"):
        reliability_seeds(ALPHA, rate)


def test_all_of_six():
    result = confirm_reliability([0.9, 0.95, 0.9, 0.91, 0.99, 0.92], ALPHA, 0.9, 0.5)
    assert (result.decision, result.needed, result.passed, result.worst) == ("Achieved", 6, 6, 0.9)
    # six of six: the exact one-sided bound on the share of seeds that reach the target
    exact = stats.binomtest(6, 6).proportion_ci(1 - 2 * ALPHA, method="exact").low
    assert result.bound == pytest.approx(exact) and result.bound >= 0.5


def test_seeds_are_still_to_come():
    result = confirm_reliability([0.9, 0.95], ALPHA, 0.9, 0.5)
    assert (result.decision, result.passed, result.used) == ("Continue", 2, 2)
    assert confirm_reliability([], ALPHA, 0.9, 0.5).worst is None


def test_the_first_miss_in_the_order_of_index_ends_it():
    result = confirm_reliability([0.9, 0.89, 0.99, 0.1], ALPHA, 0.9, 0.5)
    assert (result.decision, result.passed, result.used, result.worst) == ("Failed", 1, 2, 0.89)


def test_seeds_beyond_the_number_are_not_looked_at():
    assert confirm_reliability([0.9] * 6 + [0.1], ALPHA, 0.9, 0.5).decision == "Achieved"


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_does_not_reach_the_target(score):
    assert confirm_reliability([score], ALPHA, 0.9, 0.5).decision == "Failed"
