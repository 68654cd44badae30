import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed.engine.intervals import (
    SeedScores,
    clopper_pearson_upper,
    in_short,
    mean,
    pooled_sd,
    sample_sd,
    t_interval,
)

scores = st.lists(st.floats(0, 1), min_size=2, max_size=12)


def test_interval_by_hand():
    # 0.1, 0.2, 0.3: mean 0.2, s 0.1, t(.975; 2) = 4.302653, half = 4.302653 * 0.1 / sqrt(3)
    interval = t_interval([0.1, 0.2, 0.3])
    assert interval.low == pytest.approx(0.2 - 0.2484137, abs=1e-6)
    assert interval.high == pytest.approx(0.2 + 0.2484137, abs=1e-6)
    assert interval.n == 3


@given(scores)
def test_interval_is_scipys(values):
    if sample_sd(values) < 1e-9:
        return
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    interval = t_interval(values)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


def test_one_score_has_no_interval_and_no_deviation():
    assert t_interval([0.5]) is None
    with pytest.raises(ValueError, match="two scores"):
        sample_sd([0.5])


@given(scores, st.randoms())
def test_the_order_of_scores_changes_no_bit(values, random):
    shuffled = values[:]
    random.shuffle(shuffled)
    assert mean(shuffled) == mean(values)
    assert sample_sd(shuffled) == sample_sd(values)


@pytest.mark.parametrize(("n", "bound"), [(4, 0.5271), (6, 0.3930), (12, 0.2209), (59, 0.0495)])
def test_clopper_pearson_after_no_event(n, bound):
    assert clopper_pearson_upper(0, n) == pytest.approx(bound, abs=1e-4)
    assert clopper_pearson_upper(0, n) == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-12)


@pytest.mark.parametrize(("events", "n"), [(1, 4), (3, 12), (11, 12)])
def test_clopper_pearson_is_scipys(events, n):
    exact = stats.binomtest(events, n).proportion_ci(0.90, method="exact").high
    assert clopper_pearson_upper(events, n) == pytest.approx(exact, abs=1e-9)


def test_a_mean_in_short_has_its_interval_its_seeds_and_how_many_diverged():
    values = [0.1, 0.2, 0.3]
    assert in_short(mean(values), t_interval(values), 3, 1) == "0.2000 [-0.0484, 0.4484], 1 of 3 diverged"
    assert in_short(0.5, t_interval([0.5]), 1, 0) == "0.5000, 0 of 1 diverged"


def test_clopper_pearson_of_all_is_one():
    assert clopper_pearson_upper(4, 4) == 1.0


def candidate(*values, diverged=None):
    return SeedScores(values, diverged or (False,) * len(values))


def test_pooled_sd_by_hand():
    # five pairs, each with squared deviations of 2 * 0.01**2: variance 5 * 0.0002 / 5
    pairs = [candidate(0.94, 0.96)] * 5
    assert pooled_sd(pairs, target=0.95, prior_sd=0.01) == pytest.approx(math.sqrt(0.0002), abs=1e-12)


def test_too_few_degrees_of_freedom_use_the_prior():
    assert pooled_sd([candidate(0.94, 0.96)] * 4, target=0.95, prior_sd=0.02) == 0.02


def test_candidates_far_below_the_target_and_diverged_seeds_are_not_pooled():
    near = [candidate(0.94, 0.96)] * 5
    far = [candidate(0.5, 0.9)] * 5
    assert pooled_sd(near + far, 0.95, 0.01) == pooled_sd(near, 0.95, 0.01)
    mixed = [candidate(0.96, 0.98, 0.95, diverged=(False, False, True))] * 5
    assert pooled_sd(mixed, 0.95, 0.01) == pytest.approx(math.sqrt(0.0002), abs=1e-12)
