"""Designs laid out over margins and attempts."""

import pytest

from seedbed.engine.design import Design
from seedbed.engine.power import SearchPlan, confirmation_power, needed_margin, search_power

DESIGN = Design(0.01, 0.02, confidence=0.9, attempts=2, confirm=6, explore=3, candidates=5, good=0.5)


def test_a_design_asks_with_all_that_it_holds():
    given = {"confidence": 0.9, "confirm_seeds": 6}
    assert DESIGN.confirmation(0.015, 2) == confirmation_power(0.015, 0.01, attempt=2, **given)
    assert DESIGN.needed(0.9, 2) == needed_margin(0.01, power=0.9, attempt=2, **given)
    plan = SearchPlan(
        5,
        0.5,
        0.015,
        0.0025,
        0.01,
        confirm_seeds=6,
        confirmations=2,
        explore=3,
        confidence=0.9,
        prior_sd=0.02,
    )
    assert DESIGN.search(0.015) == search_power(plan)


@pytest.mark.parametrize(
    ("attempts", "shown"),
    [(1, [1]), (2, [1, 2]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 5]), (10, [1, 2, 3, 5, 10])],
)
def test_few_attempts_and_the_last_are_shown(attempts, shown):
    assert Design(1.0, 1.0, attempts=attempts).shown_attempts == shown


def test_margins_end_at_the_metrics_bound():
    assert DESIGN.margins_around(0.02) == pytest.approx([0.005, 0.01, 0.015, 0.02, 0.03, 0.04])
    bounded = Design(0.01, 0.01, room=1 - 0.98)
    assert bounded.margins_around(0.02) == pytest.approx([0.005, 0.01, 0.015, 0.02])
    assert Design(0.01, 0.01, room=1 - 0.9).possible(0.1) and not bounded.possible(0.021)


def test_the_usual_margin_is_shown_with_a_chance_of_eighty():
    design = Design(0.01, 0.01, confirm=4)
    assert design.confirmation(design.usual_margin(), 1).power == pytest.approx(0.8, abs=0.03)
    assert Design(0.01, 0.01, confirm=4, room=0.001).usual_margin() == 0.001
