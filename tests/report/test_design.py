"""A design in words."""

import pytest

from seedbed.engine.design import Design
from seedbed.engine.power import ConfirmationPower, SearchPower
from seedbed.report.design import assumptions, cell, power, search_in_words


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "< .01"), (0.0099, "< .01"), (0.5, ".50"), (0.99, ".99"), (1.0, "> .99")]
)
def test_no_chance_is_said_to_be_none_or_certain(value, words):
    assert power(value) == words


def test_a_cell_is_chance_and_seeds():
    assert cell(ConfirmationPower(0.834, 7.06)) == ".83 (7.1)"


def test_a_search_is_said_with_its_standard_errors():
    found = SearchPower(0.88, 0.0162, 21.0, 24.8, 0.77, 400)
    said = search_in_words(Design(0.01, 0.01), 0.02, found)
    assert "20 candidates of which 10 % are 0.02 beyond the target" in said
    assert ".88 ± 0.016 and takes 25 ± 0.8 seeds on average, 21 in the median" in said


def test_what_is_assumed_is_said():
    said = " ".join(assumptions(Design(0.01, 0.01)))
    assert "near-normal" in said and "an sd over seeds of 0.01 for every candidate" in said
    assert "never a claim" in said
