import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from seedbed_runner.areas import weighted_areas


def areas(positive, ranks, weights):
    return weighted_areas(np.array(positive, bool), np.array(ranks, float), np.array(weights))


def test_by_hand():
    """Pairs in order: (5, 4), (5, 1), (2, 1) of four. Precision at the positives: 1/1, 2/3."""
    (roc,), (average,) = areas([0, 1, 0, 1], [1, 2, 4, 5], [[1, 1, 1, 1]])
    assert (roc, average) == (3 / 4, pytest.approx((1 + 2 / 3) / 2))


def test_a_perfect_order_is_one_to_the_last_bit():
    rows = 997
    (roc,), (average,) = areas(np.arange(rows) > 331, np.arange(rows), np.ones((1, rows), int))
    assert roc == average == 1.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_each_weighting_is_what_scikit_learn_gives(rows):
    positive, ranks, counts = (np.array(column) for column in zip(*rows, strict=True))
    roc, average = areas(positive, ranks, [np.ones_like(counts), counts])
    for place, weights in enumerate((np.ones_like(counts), counts)):
        if len(set(positive[weights > 0])) < 2:
            assert np.isnan(roc[place]) and np.isnan(average[place])
            continue
        assert roc[place] == pytest.approx(roc_auc_score(positive, ranks, sample_weight=weights))
        assert average[place] == pytest.approx(
            average_precision_score(positive, ranks, sample_weight=weights)
        )
