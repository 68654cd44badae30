import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed.engine.comparison import (
    compare,
    compare_all,
    difference,
    hedges_g,
    holm,
    small_sample_correction,
    superiority,
)

A = [0.970, 0.972, 0.968, 0.971]
B = [0.981, 0.979, 0.985, 0.990, 0.975]
R = 1e-4


def test_welch_is_scipys():
    found, theirs = difference(A, B, resolution=R), stats.ttest_ind(B, A, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(B) - np.mean(A))
    assert (found.statistic, found.degrees, found.p) == pytest.approx(
        (theirs.statistic, theirs.df, theirs.pvalue)
    )
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))


def test_pairs_are_scipys():
    found, theirs = difference(A, B[:4], resolution=R, paired=True), stats.ttest_rel(B[:4], A)
    low, high = theirs.confidence_interval(0.95)
    assert (found.statistic, found.degrees, found.p) == pytest.approx(
        (theirs.statistic, theirs.df, theirs.pvalue)
    )
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert compare(A, B[:4], resolution=R, paired=True).effect.low is None


def test_hedges_g_by_hand():
    # means 2 and 4, both s² = 1, m = 4: d = 2, J = Γ(2)/(√2·Γ(1.5)) = .797885
    effect = hedges_g([1, 2, 3], [3, 4, 5], resolution=R)
    assert effect.g == pytest.approx(2 * 0.7978846, abs=1e-6)
    assert small_sample_correction(4) == pytest.approx(math.sqrt(2 / math.pi), abs=1e-12)
    assert small_sample_correction(50) == pytest.approx(1 - 3 / 199, abs=1e-4)


def test_the_interval_of_g_inverts_the_noncentral_t():
    effect = hedges_g(A, B, resolution=R)
    degrees, scale = 7, math.sqrt(1 / 4 + 1 / 5)
    t = stats.ttest_ind(B, A).statistic
    unit = small_sample_correction(degrees) * scale
    assert effect.g == pytest.approx(t * unit)
    assert stats.nct.sf(t, degrees, effect.low / unit) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, degrees, effect.high / unit) == pytest.approx(0.025, abs=1e-6)


def test_the_interval_of_g_covers():
    rng, true, covered = np.random.default_rng(0), 1.0, 0
    for _ in range(80):
        effect = hedges_g(rng.normal(0, 1, 5).tolist(), rng.normal(true, 1, 6).tolist(), resolution=R)
        covered += effect.low <= small_sample_correction(9) * true <= effect.high
    assert covered / 80 == pytest.approx(0.95, abs=0.05)


@pytest.mark.parametrize("scale", [1.0, 1e-3, 0.0])
def test_g_of_any_size_has_an_interval_around_it(scale):
    effect = hedges_g([0, scale, 0], [1, 1, 1 + scale], resolution=R)
    assert effect.low < effect.g < effect.high
    mirrored = hedges_g([1, 1, 1 + scale], [0, scale, 0], resolution=R)
    assert (mirrored.low, mirrored.high) == pytest.approx((-effect.high, -effect.low))


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=8), st.lists(st.integers(0, 9), min_size=2, max_size=8)
)
def test_superiority_is_mann_and_whitneys_u(a, b):
    assert superiority(a, b) == pytest.approx(stats.mannwhitneyu(b, a).statistic / (len(a) * len(b)))


def test_holm_by_hand():
    # .01·4, .013·3, then never falling: .04, .04, .06, .06
    assert holm([0.030, 0.010, 0.045, 0.013]) == pytest.approx([0.06, 0.04, 0.06, 0.04])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_list_is_every_pair_with_holms_p():
    found = compare_all({"one": A, "two": B, "three": [x + 0.0005 for x in A]}, resolution=R)
    assert [(each.a, each.b) for each in found] == [("one", "two"), ("one", "three"), ("two", "three")]
    assert [each.p_adjusted for each in found] == holm([each.difference.p for each in found])
    assert all(each.p_adjusted >= each.difference.p for each in found)


def test_a_reference_is_compared_with_each_other_one():
    found = compare_all({"one": A, "two": B, "three": A}, resolution=R, reference="two")
    assert [(each.a, each.b) for each in found] == [("two", "one"), ("two", "three")]
    assert [each.p_adjusted for each in found] == [min(1.0, 2 * each.difference.p) for each in found]


def test_equal_scores_differ_by_no_more_certainty_than_the_metrics_step_allows():
    found = compare([0.97] * 5, [0.98] * 5, resolution=0.005)
    assert found.difference.statistic == pytest.approx(0.01 / (0.005 * math.sqrt(2 / 5)))
    assert found.difference.degrees == pytest.approx(8) and found.superiority == 1.0
    assert found.effect.g == pytest.approx(2 * small_sample_correction(8))
    paired = difference([0.1, 0.2], [0.2, 0.3], resolution=0.1, paired=True)
    assert paired.statistic == pytest.approx(math.sqrt(2))


def test_one_side_without_spread_has_the_others_degrees():
    assert difference([0.9] * 5, B, resolution=1e-9).degrees == pytest.approx(4)
    assert difference(B, [0.9] * 5, resolution=1e-9).degrees == pytest.approx(4)


def test_bad_input_is_told_in_a_sentence():
    with pytest.raises(ValueError, match="B has 1 scored seeds but a comparison needs 2"):
        compare(A, [0.9], resolution=R)
    with pytest.raises(ValueError, match="A has 4 seeds and B has 5, but pairs need as many"):
        compare(A, B, resolution=R, paired=True)
