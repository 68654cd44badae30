import math

import pytest
from scipy import stats

from seedbed.engine.claims import attempt_alpha
from seedbed.engine.claims_relative import (
    baseline_problem,
    baseline_source,
    confirm_relative,
    relative_factor,
    relative_target,
)
from seedbed.engine.orientation import Orientation

ALPHA = attempt_alpha(1, 0.95)
BASE = [0.80, 0.81, 0.79, 0.80, 0.805, 0.795, 0.80, 0.80, 0.81, 0.79]
BETTER = [0.90, 0.91, 0.905, 0.895, 0.90, 0.90]


def test_no_improvement_asked_is_welchs_test():
    step = confirm_relative(BETTER[:4], BASE, 1.0, ALPHA, 1e-4, 12)[0]
    found = stats.ttest_ind(BETTER[:4], BASE, equal_var=False)
    assert step.statistic == pytest.approx(found.statistic)
    assert step.critical == pytest.approx(stats.t.isf(ALPHA / 4, found.df), abs=1e-9)
    assert step.decision == "Achieved"


def test_statistic_by_hand():
    # T = (x̄_c − 1.1·x̄_b) / √(s_c²/4 + 1.21·s_b²/10)
    s_b, s_c = stats.tstd(BASE), stats.tstd(BETTER[:4])
    step = confirm_relative(BETTER[:4], BASE, 1.1, ALPHA, 1e-4, 12)[0]
    expected = (0.9025 - 1.1 * 0.80) / math.sqrt(s_c**2 / 4 + 1.21 * s_b**2 / 10)
    assert step.statistic == pytest.approx(expected)


def test_the_baselines_luck_counts():
    noisy = [x + 0.1 * (-1) ** i for i, x in enumerate(BASE)]
    assert confirm_relative(BETTER, BASE, 1.1, ALPHA, 1e-4, 12)[-1].statistic > 4
    assert confirm_relative(BETTER, noisy, 1.1, ALPHA, 1e-4, 12)[-1].decision == "Futile"


def test_the_step_of_the_metric_is_a_floor_under_the_baselines_spread():
    assert baseline_source([0.8] * 10, 1.5, 0.01).variance == pytest.approx((1.5 * 0.01) ** 2 / 10)


def test_a_score_to_minimize_must_fall_by_the_improvement():
    down = Orientation("Minimize")
    factor = relative_factor(0.1, minimize=True)
    losses, base = [0.80, 0.81, 0.79, 0.80], [x + 0.2 for x in BASE]
    assert relative_target(down.scores(base), factor) == pytest.approx(-0.9)
    assert confirm_relative(down.scores(losses), down.scores(base), factor, ALPHA, 1e-4, 12)[0].statistic > 5
    worse = [x + 0.15 for x in losses]
    assert confirm_relative(down.scores(worse), down.scores(base), factor, ALPHA, 1e-4, 12)[0].statistic < 0


def test_a_score_to_maximize_must_rise_by_the_improvement():
    assert relative_factor(0.02, minimize=False) == pytest.approx(1.02)
    assert relative_target(BASE, 1.02) == pytest.approx(0.816)


def test_a_baseline_of_fewer_than_ten_seeds_is_refused():
    assert baseline_problem(BASE) is None
    assert baseline_problem(BASE[:9]).startswith("the baseline has 9 scored seeds but")
