import math

import pytest
from scipy import stats

from seedbed.engine.claims import attempt_alpha, confirm
from seedbed.engine.claims_population import (
    confirm_population,
    item_source,
    item_variance,
    population_interval,
    population_problem,
    variance_floor,
)
from seedbed_runner.contract.metrics import METRICS

ACCURACY = METRICS["accuracy"]
ALPHA = attempt_alpha(1, 0.95)
GOOD = [0.96, 0.965, 0.955, 0.96, 0.962, 0.958, 0.96, 0.96, 0.961, 0.959, 0.96, 0.96]


def test_accuracy_has_a_bernoulli_items_variance():
    assert item_variance([0.8, 0.9, 0.7], 1000) == pytest.approx(0.16)
    assert item_source([0.8, 0.9, 0.7], 1000).variance == pytest.approx(0.16 / 1000)
    assert item_source([0.8, 0.9, 0.7], 1000).degrees == 999


def test_another_metric_takes_the_mean_of_what_its_runs_recorded():
    assert item_variance([0.8, 0.9], 1000, recorded=[0.3, 0.5]) == pytest.approx(0.4)


@pytest.mark.parametrize("items", [20, 360, 10_000])
def test_the_floor_is_wilsons_bound_after_no_error(items):
    worst = stats.binomtest(0, items).proportion_ci(0.95, method="wilson").high
    assert variance_floor(items) == pytest.approx(worst * (1 - worst), rel=1e-9)
    assert item_variance([1.0] * 4, items) == item_variance([1.0] * 4, items, recorded=[0.0] * 4)
    assert item_variance([1.0] * 4, items) == variance_floor(items)


def test_a_look_by_hand():
    # A = s²/4 + nothing else; v = .8·.2 = .16, M = 400
    scores = [0.79, 0.81, 0.80, 0.80]
    a, b = (0.0002 / 3) / 4, 0.16 / 400
    se, nu = math.sqrt(a + b), (a + b) ** 2 / (a**2 / 3 + b**2 / 399)
    step = confirm_population(scores, ALPHA, 0.7, 1e-4, 400, 12)[0]
    assert step.statistic == pytest.approx(0.1 / se)
    assert step.critical == pytest.approx(stats.t.isf(ALPHA / 4, nu), abs=1e-9)
    assert step.bound == pytest.approx(0.8 - step.critical * se)
    assert step.decision == "Achieved"


def test_what_holds_for_this_split_need_not_hold_for_the_population():
    target = 0.95
    assert confirm(GOOD, ALPHA, target, 1 / 360)[-1].decision == "Achieved"
    assert confirm_population(GOOD, ALPHA, target, 1 / 360, 360, 12)[-1].decision == "Futile"
    assert confirm_population(GOOD, ALPHA, target, 1e-5, 100_000, 12)[-1].decision == "Achieved"


def test_recorded_variances_are_those_of_the_seeds_looked_at():
    recorded = [0.01] * 4 + [100.0] * 8
    first = confirm_population(GOOD, ALPHA, 0.9, 1e-4, 10_000, 12, recorded)
    assert [step.n for step in first] == [4] and first[0].decision == "Achieved"


def test_the_interval_is_wider_than_over_seeds_alone():
    interval = population_interval(GOOD, 360, 1 / 360)
    se = math.sqrt((1 / 360) ** 2 / 12 + item_variance(GOOD, 360) / 360)
    assert (interval.high - interval.low) / 2 == pytest.approx(1.96 * se, rel=0.02)
    assert 1.96 * se > 10 * stats.sem(GOOD)
    assert interval.low < 0.96 < interval.high


def test_targets_that_perfect_scores_could_not_show():
    assert population_problem(0.95, ACCURACY, 2000, 0.95, 12) is None
    problem = population_problem(0.99, ACCURACY, 360, 0.95, 12)
    assert problem.startswith("`target` is 0.99 but for the estimand Population 360 test items can't show it")
    best = float(problem.split("at most ")[1].split(",")[0])
    items = int(problem.split("at least ")[1].split()[0])
    assert population_problem(best, ACCURACY, 360, 0.95, 12) is None
    assert population_problem(0.99, ACCURACY, items, 0.95, 12) is None
    assert population_problem(0.99, ACCURACY, items - 1, 0.95, 12) is not None


def test_a_refused_target_is_one_that_no_scores_pass():
    for items in (50, 360, 5000):
        low, high = 0.5, 1.0
        while high - low > 1e-6:
            middle = (low + high) / 2
            refused = population_problem(middle, ACCURACY, items, 0.95, 12) is not None
            low, high = (low, middle) if refused else (middle, high)
        passed = confirm_population([1.0] * 12, ALPHA, low - 1e-4, 1 / items, items, 12)
        assert passed[-1].decision == "Achieved"
        missed = confirm_population([1.0] * 12, ALPHA, high + 1e-4, 1 / items, items, 12)
        assert missed[-1].decision != "Achieved"


def test_a_target_that_needs_no_end_of_items():
    assert "no test split is large enough" in population_problem(1.0, ACCURACY, 360, 0.95, 12)
