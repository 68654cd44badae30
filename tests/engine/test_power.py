import math

import numpy as np
import pytest
from scipy import stats

from seedbed.engine.claims import attempt_alpha, confirm, critical_value
from seedbed.engine.power import (
    SearchPlan,
    confirmation_power,
    needed_margin,
    needed_seeds,
    search_power,
    shortfall,
)

ALPHA = attempt_alpha(1, 0.95)


@pytest.mark.parametrize("attempt", [1, 3])
@pytest.mark.parametrize("margin", [0.5, 1.0, 3.0])
def test_one_look_has_the_power_of_the_noncentral_t(margin, attempt):
    found = confirmation_power(margin, 1.0, attempt=attempt, confirm_seeds=4)
    critical = critical_value(attempt_alpha(attempt, 0.95), 4)
    assert found.power == pytest.approx(stats.nct.sf(critical, 3, 2 * margin), abs=0.01)
    assert found.seeds == 4


@pytest.mark.parametrize("margin", [0.0, 1.0])
def test_all_looks_have_the_power_that_chance_gives(margin):
    draws = margin + np.random.default_rng(0).standard_normal((4000, 12))
    last = [confirm(scores, ALPHA, 0.0, 0.0)[-1] for scores in draws.tolist()]
    power = np.mean([step.decision == "Achieved" for step in last])
    found = confirmation_power(margin, 1.0)
    assert found.power == pytest.approx(power, abs=0.01 + 3 * math.sqrt(power * (1 - power) / 4000))
    assert found.seeds == pytest.approx(np.mean([step.n for step in last]), abs=0.15)


def test_power_follows_margin_and_attempt_and_has_no_unit():
    powers = [confirmation_power(margin, 0.01).power for margin in (0.0, 0.005, 0.01, 0.02, 0.04)]
    assert powers == sorted(powers) and powers[0] <= ALPHA and powers[-1] > 0.999
    assert confirmation_power(0.01, 0.01, attempt=3).power < powers[2]
    assert confirmation_power(1.0, 1.0).power == pytest.approx(powers[2], abs=1e-3)


def test_the_metrics_step_costs_power():
    assert confirmation_power(1.0, 1.0, resolution=2.0).power < confirmation_power(1.0, 1.0).power


def test_the_needed_margin_has_the_power_that_was_asked_for():
    margin = needed_margin(0.01)
    assert 0.8 <= confirmation_power(margin, 0.01).power < 0.82
    assert needed_margin(0.01, power=0.95) > margin
    assert needed_margin(0.01, attempt=10, confidence=0.999, confirm_seeds=4) > 0.5


@pytest.mark.parametrize(("margin", "sd"), [(0.001, 0.01), (0.01, 0.01), (0.02, 0.01)])
def test_needed_seeds_are_the_fewest(margin, sd):
    def power(n):
        return stats.nct.sf(stats.t.isf(ALPHA / 4, n - 1), n - 1, margin / sd * math.sqrt(n))

    n = needed_seeds(margin, sd, ALPHA)
    assert power(n) >= 0.8
    assert n == 4 or power(n - 1) < 0.8


def test_no_number_of_seeds_shows_what_is_not_there():
    assert needed_seeds(0.0, 0.01, ALPHA) is None
    assert needed_seeds(-0.01, 0.01, ALPHA) is None
    assert needed_seeds(1e-6, 0.01, ALPHA) is None


def test_what_a_failed_attempt_lacked():
    scores = [0.971, 0.969, 0.974, 0.970, 0.973, 0.971]
    found = shortfall(scores, 0.970, 1, 0.95, 0.001)
    assert found.margin == pytest.approx(0.0013333, abs=1e-6)
    assert found.needed_margin == pytest.approx(needed_margin(found.sd), rel=0.03)
    assert found.needed_margin > found.margin and found.needed_seeds > 12
    assert shortfall(scores, 0.98, 1, 0.95, 0.001).needed_seeds is None
    assert shortfall([0.98] * 4, 0.97, 1, 0.95, 0.002).sd == 0.002


def test_a_search_is_simulated_the_same_again():
    plan = SearchPlan(experiments=20, good=0.3, margin=0.02, shortfall=0.01, sd=0.01)
    found = search_power(plan, searches=100)
    assert found == search_power(plan, searches=100)
    assert found.power > 0.9 and found.standard_error < 0.03
    assert 8 <= found.median_seeds < 20
    assert 0 < found.seeds_error < 2
    none = search_power(SearchPlan(20, good=0.0, margin=0.02, shortfall=0.005, sd=0.01), searches=100)
    assert none.power <= 0.03 and none.median_seeds > 20
