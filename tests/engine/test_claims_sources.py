import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed.engine import claims
from seedbed.engine.claims import LOOKS, attempt_alpha, critical_value
from seedbed.engine.claims_sources import (
    Source,
    chance_at_last,
    combined,
    look,
    repeated_interval,
    t_critical,
)

R = 1 / 360
NOTHING = Source(0.0, 1)


def test_satterthwaite_by_hand():
    # A = 4 with 3 degrees, E = 2 with 7: ν = 36 / (16/3 + 4/7)
    error = combined(4.0, 3, Source(2.0, 7))
    assert error.se == pytest.approx(math.sqrt(6))
    assert error.degrees == pytest.approx(36 / (16 / 3 + 4 / 7))


def test_satterthwaite_is_scipys_welch():
    a, b = [0.1, 0.5, 0.3, 0.4], [0.9, 0.7, 0.8, 0.65, 0.71, 0.9]
    error = combined(stats.sem(b) ** 2, 5, Source(stats.sem(a) ** 2, 3))
    found = stats.ttest_ind(b, a, equal_var=False)
    assert error.degrees == pytest.approx(found.df)
    assert (sum(b) / 6 - sum(a) / 4) / error.se == pytest.approx(found.statistic)


@pytest.mark.parametrize("n", LOOKS)
def test_critical_value_of_whole_degrees_is_that_of_the_claims(n):
    alpha = attempt_alpha(2, 0.95)
    assert t_critical(alpha, n - 1) == pytest.approx(critical_value(alpha, n), abs=1e-9)
    assert t_critical(alpha, n - 0.5) == pytest.approx(stats.t.isf(alpha / 4, n - 0.5), abs=1e-9)


@given(
    st.lists(st.floats(0.5, 1), min_size=12, max_size=12), st.sampled_from(LOOKS), st.integers(1, 10),
    st.floats(0.5, 0.99),
)  # fmt: skip
def test_without_a_second_source_a_look_is_that_of_the_claims(scores, n, attempt, target):
    alpha = attempt_alpha(attempt, 0.95)
    plain = claims.look(scores[:n], alpha, target, R, 12)
    found = look(scores[:n], NOTHING, alpha, target, R, 12)
    assert found.statistic == pytest.approx(plain.statistic, abs=1e-9)
    assert found.critical == pytest.approx(plain.critical, abs=1e-9)
    assert found.bound == pytest.approx(plain.bound, abs=1e-9)
    edge = min(
        abs(plain.statistic - plain.critical), abs(plain.statistic - claims.futility_bound(alpha, n, 12))
        if n < 12 else 1.0,
    )  # fmt: skip
    if edge > 1e-6:
        assert found.decision == plain.decision


@given(st.lists(st.floats(0.5, 1), min_size=4, max_size=4), st.floats(1e-6, 1), st.floats(2, 1000))
def test_the_bound_that_decided_agrees_with_the_verdict(scores, variance, degrees):
    step = look(scores, Source(variance, degrees), 0.03, 0.7, R, 12)
    if abs(step.bound - 0.7) > 1e-9:
        assert (step.bound >= 0.7) == (step.decision == "Achieved")


def test_a_second_source_that_no_seed_shrinks_makes_an_attempt_futile():
    scores, alpha = [0.98, 0.981, 0.979, 0.98], attempt_alpha(1, 0.95)
    assert look(scores, NOTHING, alpha, 0.97, 1e-4, 12).decision == "Achieved"
    assert look(scores, Source(0.0001, 99), alpha, 0.97, 1e-4, 12).decision == "Futile"
    assert look(scores, Source(0.0001, 99), alpha, 0.97, 1e-4, 4).decision == "NotReached"


def test_the_chance_at_the_last_look_solves_the_futility_bound():
    alpha, sd = attempt_alpha(1, 0.95), 0.01
    margin = claims.futility_bound(alpha, 6, 12) * sd / math.sqrt(6)
    assert chance_at_last(margin, sd, 6, 12, NOTHING, alpha) == pytest.approx(0.10, abs=1e-9)


def test_repeated_interval_without_a_second_source_is_that_of_the_claims():
    scores = [0.1, 0.2, 0.3, 0.2]
    plain, found = claims.repeated_interval(scores), repeated_interval(scores, NOTHING, 1e-9)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
