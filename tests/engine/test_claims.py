import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedbed.engine import claims
from seedbed.engine.claims import (
    LOOKS,
    attempt_alpha,
    confirm,
    critical_value,
    decisive_bound,
    drops,
    futility_bound,
    look_statistic,
    looks,
    nomination_threshold,
    repeated_interval,
    target_problem,
)
from seedbed_runner.contract.metrics import METRICS

R = 1 / 360


def test_alpha_shares():
    assert [attempt_alpha(k, 0.95) for k in (1, 2, 3)] == pytest.approx(
        [0.0303964, 0.0075991, 0.0033774], abs=1e-6
    )
    assert sum(attempt_alpha(k, 0.95) for k in range(1, 11)) == pytest.approx(0.0471, abs=1e-4)
    assert sum(attempt_alpha(k, 0.95) for k in range(1, 100_000)) < 0.05


@pytest.mark.parametrize(
    ("attempt", "pins"),
    [(1, [5.0232, 3.6213, 3.0765, 2.8716]), (2, [8.1969, 5.0908, 4.0278, 3.6532])],
)
def test_critical_values(attempt, pins):
    alpha = attempt_alpha(attempt, 0.95)
    assert [critical_value(alpha, n) for n in LOOKS] == pytest.approx(pins, abs=1e-4)
    assert [critical_value(alpha, n) for n in LOOKS] == pytest.approx(
        [stats.t.isf(alpha / 4, n - 1) for n in LOOKS], abs=1e-9
    )


@pytest.mark.parametrize(("attempt", "pins"), [(1, [0.3207, 0.9869, 1.7885]), (2, [0.7720, 1.5396, 2.4653])])
def test_futility_bounds(attempt, pins):
    alpha = attempt_alpha(attempt, 0.95)
    assert [futility_bound(alpha, n, 12) for n in LOOKS[:3]] == pytest.approx(pins, abs=1e-4)


@pytest.mark.parametrize("n", LOOKS[:3])
def test_futility_bound_solves_its_equation(n):
    alpha = attempt_alpha(1, 0.95)
    t = futility_bound(alpha, n, 12)
    needed = (critical_value(alpha, 12) / math.sqrt(12) - t / math.sqrt(n)) / math.sqrt(1 / n - 1 / 12)
    assert stats.t.sf(needed, n - 1) == pytest.approx(0.10, abs=1e-9)


def test_statistic_by_hand_and_its_floor():
    # mean .98, s .01: (.98 - .97) * 2 / .01 = 2
    scores = [0.97, 0.98, 0.99, 0.98]
    s = math.sqrt(0.0002 / 3)
    assert look_statistic(scores, 0.97, R) == pytest.approx(0.01 * 2 / s)
    assert look_statistic([0.98] * 4, 0.97, 0.004) == pytest.approx(0.01 * 2 / 0.004)


def test_four_equal_scores_are_no_proof_by_themselves():
    path = confirm([0.971] * 12, attempt_alpha(1, 0.95), 0.97, R)
    assert path[0].decision == "Continue" and math.isfinite(path[0].statistic)


def test_a_confirmation_that_passes_at_the_first_look():
    path = confirm([0.985, 0.986, 0.984, 0.985], attempt_alpha(1, 0.95), 0.97, R)
    assert [step.n for step in path] == [4]
    assert path[0].decision == "Achieved" and path[0].bound > 0.97


def test_a_hopeless_confirmation_is_given_up_at_the_first_look():
    path = confirm([0.960, 0.962, 0.961, 0.959] * 3, attempt_alpha(1, 0.95), 0.97, R)
    assert [step.decision for step in path] == ["Futile"]


def test_no_peeking_between_looks():
    alpha = attempt_alpha(1, 0.95)
    start = [0.972, 0.978, 0.973, 0.977]
    assert [step.n for step in confirm([*start, 0.999], alpha, 0.97, R)] == [4]
    assert [step.n for step in confirm([*start, 0.976, 0.975], alpha, 0.97, R)] == [4, 6]


def test_what_comes_after_the_decision_is_not_used():
    alpha = attempt_alpha(1, 0.95)
    good = [0.985, 0.986, 0.984, 0.985]
    assert confirm([*good, 0.1, 0.1], alpha, 0.97, R) == confirm(good, alpha, 0.97, R)


def test_the_last_look_ends_without_proof():
    scores = [0.96, 0.984] * 6
    path = confirm(scores, attempt_alpha(1, 0.95), 0.9655, R)
    assert path[-1].decision in ("Futile", "NotReached")
    assert confirm(scores, attempt_alpha(1, 0.95), 0.9655, R, confirm_seeds=4)[-1].decision == "NotReached"


def test_later_attempts_need_more():
    scores = [0.979, 0.981, 0.977, 0.979]  # t = .009 * 2 / .00278 = 6.48
    assert confirm(scores, attempt_alpha(1, 0.95), 0.97, R)[-1].decision == "Achieved"
    assert confirm(scores, attempt_alpha(2, 0.95), 0.97, R)[-1].decision == "Continue"


@given(
    st.lists(st.floats(0.5, 1), min_size=12, max_size=12),
    st.integers(1, 10),
    st.floats(0.5, 0.99),
    st.floats(1e-4, 0.01),
)
def test_the_bound_that_decided_agrees_with_the_verdict(scores, attempt, target, resolution):
    alpha = attempt_alpha(attempt, 0.95)
    for step in confirm(scores, alpha, target, resolution):
        if abs(step.statistic - step.critical) > 1e-6:
            assert (step.bound >= target) == (step.statistic >= step.critical)
            assert (step.decision == "Achieved") == (step.bound >= target)
        assert step.bound == decisive_bound(scores[: step.n], alpha, resolution)


@given(st.sampled_from(LOOKS), st.integers(1, 10), st.sampled_from([-1e-6, 1e-6]))
def test_the_critical_value_is_exactly_the_boundary(n, attempt, beyond):
    alpha, target = attempt_alpha(attempt, 0.95), 0.9
    spread = [0.01 * (-1) ** i for i in range(n)]
    step = claims.look([target + each for each in spread], alpha, target, R, 12)
    shift = (critical_value(alpha, n) + beyond) * step.sd / math.sqrt(n) - (step.mean - target)
    step = claims.look([target + each + shift for each in spread], alpha, target, R, 12)
    assert (step.decision == "Achieved") == (beyond > 0) == (step.bound >= target)


def test_alpha_follows_the_confidence():
    assert attempt_alpha(1, 0.99) == pytest.approx(attempt_alpha(1, 0.95) / 5)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=12), st.integers(1, 10))
def test_every_prefix_of_scores_gives_a_prefix_of_the_path(scores, attempt):
    alpha = attempt_alpha(attempt, 0.95)
    whole = confirm(scores, alpha, 0.9, R)
    for n in range(len(scores)):
        part = confirm(scores[:n], alpha, 0.9, R)
        assert part == whole[: len(part)]


def test_dropping_by_hand():
    assert drops([0.94], target=0.95, sd=0.01)  # below .95 - .005
    assert not drops([0.946], target=0.95, sd=0.01)
    assert drops([0.946, 0.946], target=0.95, sd=0.01)  # below .95 - .005/sqrt(2) = .94646
    assert not drops([0.947, 0.947], target=0.95, sd=0.01)


def test_nomination_threshold_rises_with_attempts_and_stays_below_the_bound():
    assert nomination_threshold(1, 0.95, 0.01, 1.0, R) == pytest.approx(0.96)
    assert nomination_threshold(3, 0.95, 0.01, 1.0, R) == pytest.approx(0.97)
    assert nomination_threshold(10, 0.99, 0.01, 1.0, R) == pytest.approx(1 - R)


def test_repeated_interval_by_hand():
    scores = [0.1, 0.2, 0.3, 0.2]
    half = stats.t.ppf(1 - 0.05 / 8, 3) * math.sqrt(0.02 / 3) / 2
    interval = repeated_interval(scores)
    assert (interval.low, interval.high) == pytest.approx((0.2 - half, 0.2 + half))


def test_looks_within_the_seeds():
    assert [looks(n) for n in (4, 5, 6, 9, 11, 12)] == [
        (4,), (4,), (4, 6), (4, 6, 9), (4, 6, 9), (4, 6, 9, 12),
    ]  # fmt: skip


def test_targets_that_no_test_split_can_show():
    assert target_problem(0.97, METRICS["accuracy"], 360) is None
    assert target_problem(1 - 1 / 360, METRICS["accuracy"], 360) is None
    assert target_problem(1.02, METRICS["accuracy"], 360) is not None
    problem = target_problem(0.9999, METRICS["accuracy"], 360)
    assert problem.startswith("`target` is 0.9999 but on a test split of 360 items")
    assert "at most 0.9972" in problem


def test_false_confirmations_near_the_ceiling_stay_rare():
    """A model at the target that errs 0.3 times a test set: .30 without the floor, at most .032 with it."""
    import numpy as np

    rng = np.random.default_rng(0)
    items, errors, alpha = 360, 0.3, attempt_alpha(1, 0.95)
    target = 1 - errors / items
    wins = floorless = 0
    for _ in range(2000):
        scores = list(1 - rng.binomial(items, errors / items, size=12) / items)
        wins += confirm(scores, alpha, target, 1 / items)[-1].decision == "Achieved"
        floorless += confirm(scores, alpha, target, 1e-12)[-1].decision == "Achieved"
    assert wins / 2000 <= 0.032
    assert floorless / 2000 > 0.2
