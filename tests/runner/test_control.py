import numpy as np
import pytest
from numpy.testing import assert_array_equal

from seedbed_runner.control import permute

SHARES = [[0.5, 0.5], [0.63, 0.37], [0.33, 0.4, 0.27], [0.1] * 10, [0.7, 0.2, 0.1]]


def drawn(shares: list[float], rows: int = 500) -> np.ndarray:
    return np.random.default_rng(1).choice(len(shares), rows, p=shares).astype(np.int64)


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("seed", [4, 5])
def test_each_class_gets_all_labels_in_their_shares(shares: list[float], seed: int) -> None:
    labels = drawn(shares)
    permuted = permute(labels, "sha256:0", seed)
    assert_array_equal(np.bincount(permuted), np.bincount(labels))
    together = np.histogram2d(labels, permuted, bins=len(shares))[0]
    expected = np.outer(np.bincount(labels), np.bincount(labels)) / len(labels)
    assert np.abs(together - expected).max() < 2


def test_a_pair_agrees_as_little_as_the_shares_allow() -> None:
    for shares in SHARES:
        labels = drawn(shares)
        agree = (permute(labels, "sha256:0", 6) == permute(labels, "sha256:0", 7)).mean()
        assert agree <= max(0.0, 2 * np.bincount(labels).max() / len(labels) - 1) + 0.01


def test_labels_are_drawn_from_the_data_and_the_pair() -> None:
    labels = drawn([0.5, 0.5])
    first = permute(labels, "sha256:0", 6)
    assert_array_equal(first, permute(labels, "sha256:0", 6))
    for other in (permute(labels, "sha256:1", 6), permute(labels, "sha256:0", 8)):
        assert 0.4 < (first == other).mean() < 0.6
