import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed_runner.quick.fixed_test import lower_bound, summarise


def test_summary_by_hand():
    found = summarise([0.1, 0.2, 0.3])
    assert found["mean"] == pytest.approx(0.2) and found["std"] == pytest.approx(0.1) and found["n"] == 3
    assert found["ci_95"] == pytest.approx((0.2 - 0.2484137, 0.2 + 0.2484137), abs=1e-6)
    assert found["values"] == [0.1, 0.2, 0.3]


def test_one_value_has_no_spread_and_no_bound():
    found = summarise([0.5])
    assert (found["mean"], found["std"], found["ci_95"]) == (0.5, None, None)
    assert lower_bound([0.5], 0.01) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_the_test_is_scipys(values):
    if max(values) - min(values) < 1e-6:
        return
    target = 0.5
    p = stats.ttest_1samp(values, target, alternative="greater").pvalue
    if abs(p - 0.05) > 1e-9:
        assert (lower_bound(values, 1e-12) >= target) == (p <= 0.05)


def test_equal_scores_are_no_proof_of_no_spread():
    assert lower_bound([0.9] * 4, 0.01) == pytest.approx(0.9 - stats.t.ppf(0.95, 3) * 0.01 / math.sqrt(4))
