import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.planning.dimensions import Choice, Real, Whole, two_digits

DIMENSIONS = [
    Choice((0.0, 0.1, 0.5)),
    Choice(("a", "b")),
    Choice((True, False)),
    Choice((False,)),
    Whole(1, 4),
    Whole(5, 45, log=True),
    Whole(1, 1, log=True),
    Real(0.0003, 0.03),
]


@given(st.sampled_from(DIMENSIONS), st.integers(0, 10**9))
def test_what_is_drawn_is_read_back(dimension, seed):
    drawn = dimension.draw(Random(seed))
    read = dimension.read(drawn)
    assert read == drawn
    assert type(read) is type(drawn)


@pytest.mark.parametrize(
    ("dimension", "value", "read"),
    [
        (Choice((0.0, 0.1)), 0, 0.0),
        (Choice((0.0, 0.1)), False, None),
        (Choice((True, False)), 1, None),
        (Choice((16, 32)), 32.0, 32),
        (Choice(("a",)), ["a"], None),
        (Whole(1, 4), 3.0, 3),
        (Whole(1, 4), 3.5, None),
        (Whole(1, 4), 5, None),
        (Whole(1, 4), True, None),
        (Whole(1, 4), math.inf, None),
        (Real(0.1, 2.0), 1, 1.0),
        (Real(0.1, 2.0), 3.0, None),
        (Real(0.1, 2.0), math.nan, None),
        (Real(0.1, 2.0), "1", None),
    ],
)
def test_values_from_elsewhere(dimension, value, read):
    found = dimension.read(value)
    assert found == read
    assert type(found) is type(read)


def test_ratios_are_drawn_evenly():
    """Half of the draws lie below the geometric mean: 0.003 of [0.0003, 0.03], 10 of [1, 100]."""
    random = Random(0)
    assert sum(Real(0.0003, 0.03).draw(random) < 0.003 for _ in range(2000)) == pytest.approx(1000, abs=100)
    assert sum(Whole(1, 100, log=True).draw(random) <= 9 for _ in range(2000)) == pytest.approx(1000, abs=100)


@pytest.mark.parametrize(("value", "rounded"), [(0.012345, 0.012), (0.00098765, 0.00099), (123.0, 120.0)])
def test_two_digits(value, rounded):
    assert two_digits(value) == rounded
