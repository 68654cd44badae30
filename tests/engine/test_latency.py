"""A bound on the latency: tested as a further target is, at the same looks, on one kind of hardware."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from engine.test_experiment import experiment, record
from fakes.driving import drive, outcome
from fakes.memory import MemoryPlanner, MemoryWorld, card, gauss, goal
from seedbed.api import Experiment
from seedbed.api.experiment import RunStatus
from seedbed.engine.claims import attempt_alpha, look
from seedbed.engine.hardware import LENGTH, hardware
from seedbed.engine.soundness import unsound
from seedbed.engine.standard import Standard
from seedbed_runner.contract.metrics import LATENCY, METRICS

ALPHA = attempt_alpha(1, 0.95)
SCORES = [0.95, 0.951, 0.949, 0.95, 0.952, 0.948, 0.95, 0.951, 0.949, 0.95, 0.952, 0.948]


def bounded(most, **spec):
    return goal(constraints=[{"metric": "latency_ms", "max": most}], **spec)


def judged(latencies, most=5.0, **spec):
    runs = [
        RunStatus(seed=i, phase="Scored", score=score, also={"latency_ms": latency})
        for i, (score, latency) in enumerate(zip(SCORES, latencies, strict=False))
    ]  # fmt: skip
    return Standard.of(bounded(most, **spec).spec, 1000, None).judge(runs, 1)


def test_the_statistic_is_students_by_hand_and_by_scipy():
    latencies = [4.0, 4.2, 3.8, 4.0]  # mean 4, sd √(.08 / 3), so t = (5 − 4) · 2 / √(.08 / 3)
    (looked,) = judged(latencies).looks
    (found,) = looked.also
    assert (found.metric, found.passed, looked.decision) == ("latency_ms", True, "Achieved")
    assert (found.mean, found.sd) == (pytest.approx(4.0), pytest.approx((0.08 / 3) ** 0.5))
    assert found.statistic == pytest.approx(2 / (0.08 / 3) ** 0.5) == pytest.approx(12.2474, abs=1e-4)
    assert found.statistic == pytest.approx(-stats.ttest_1samp(latencies, 5.0).statistic)
    assert found.critical == pytest.approx(stats.t.ppf(1 - ALPHA / 4, 3)) == pytest.approx(5.0232, abs=1e-4)
    assert found.bound == pytest.approx(4 + 5.0232 * (0.08 / 3) ** 0.5 / 2, abs=1e-4)  # 4.41, at most


def test_every_target_is_tested_at_the_full_alpha_of_the_attempt():
    looked = judged([4.0, 4.2, 3.8, 4.0]).looks[0]
    alone = look(SCORES[:4], ALPHA, 0.9, 1 / 1000, 12)
    assert (looked.statistic, looked.critical, looked.bound) == (alone.statistic, alone.critical, alone.bound)
    assert looked.also[0].critical == looked.critical


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 50), min_size=4, max_size=12), st.floats(0.01, 50))
def test_a_mean_above_the_bound_is_never_achieved(latencies, most):
    for looked in judged(latencies, most).looks:
        if looked.also[0].mean >= most:
            assert looked.decision != "Achieved" and not looked.also[0].passed
        if looked.decision == "Achieved":
            assert looked.also[0].bound <= most


def test_a_latency_at_its_bound_passes_no_more_often_than_alpha():
    draws = np.random.default_rng(7).normal(5.0, 0.2, size=(400, 12))
    passed = sum(judged(row.tolist()).decision == "Achieved" for row in draws)
    assert stats.binomtest(passed, len(draws), ALPHA, "greater").pvalue > 0.01


def test_a_population_of_items_adds_nothing_to_a_time():
    plain = judged([4.0, 4.2, 3.8, 4.0]).looks[0]
    wide = judged([4.0, 4.2, 3.8, 4.0], objective={"target": 0.9, "estimand": "Population"}).looks[0]
    assert wide.also == plain.also and wide.bound < plain.bound


def test_reliability_asks_it_of_every_seed():
    reliable = {"target": 0.9, "test": "Reliability", "rate": 0.5}
    assert judged([4.0] * 6, objective=reliable).decision == "Achieved"
    late = judged([4.0, 4.0, 5.1, 4.0, 4.0, 4.0], objective=reliable)
    assert (late.decision, late.used, late.reliability.passed) == ("Missed", 3, 2)


def searched(
    most=5.0, latency=lambda seed: 4 + 0.1 * gauss("ms", seed), timing=0, objective=None, **launcher
):
    spec = bounded(
        most, objective=objective or {"target": 0.9}, budget={"experiments": 3, "confirmations": 2}
    )
    planner = MemoryPlanner(lambda request, noise: 0.95)
    return drive(MemoryWorld(spec, planner, sd=0.005, latency=latency, **launcher), timing)


def test_only_confirmations_take_the_time():
    memory = searched()
    made = [each for (kind, _), each in memory.store.resources.items() if kind is Experiment]
    assert {each.spec.purpose for each in made if each.spec.latency} == {"Confirm"}
    assert all(each.spec.latency == (each.spec.purpose == "Confirm") for each in made)
    assert all("latency_ms" not in line.also for line in memory.goal.status.experiments)


def test_a_claim_says_both():
    status = searched().goal.status
    assert status.verdict.verdict == "Achieved"
    (other,) = status.claim.also
    assert (other.metric, other.target) == ("latency_ms", 5.0) and other.mean < other.bound <= 5.0
    assert "and latency_ms reaches 5: at most 4." in status.claim.statement


def test_a_slow_model_is_not_achieved_however_good():
    status = searched(most=3.0).goal.status
    assert (status.verdict.verdict, status.verdict.reason) == ("NotAchieved", "AttemptsSpent")
    assert {attempt.reason for attempt in status.attempts} == {"Futile"}
    assert "latency_ms: -" in status.attempts[0].message


def test_a_further_metric_and_a_latency_are_both_told():
    objective = {"target": 0.9, "also": [{"metric": "f1_macro", "target": 0.85}]}
    claim = searched(objective=objective, also={"f1_macro": -0.01}).goal.status.claim
    assert [(each.metric, each.target) for each in claim.also] == [("f1_macro", 0.85), ("latency_ms", 5.0)]


def test_a_mixture_of_machines_carries_no_claim():
    status = searched(processor=lambda seed: f"CPU {seed % 2}").goal.status
    assert (status.phase, status.verdict.reason) == ("Inconclusive", "HardwareDiffers")
    assert "measured on different hardware" in status.verdict.message
    assert "device cpu, cpu CPU 0" in status.verdict.message and "CPU 1" in status.verdict.message
    assert status.claim is None and len(status.attempts) == 1


def test_without_a_bound_machines_may_differ():
    planner = MemoryPlanner(lambda request, noise: 0.95)
    memory = MemoryWorld(goal(), planner, sd=0.005, processor=lambda seed: f"CPU {seed % 2}")
    assert drive(memory, 0).goal.status.phase == "Achieved"


def test_the_search_does_not_hang_on_the_times():
    slow, fast = (searched(latency=lambda seed, most=most: most) for most in (1.0, 2.0))
    assert [line.name for line in slow.goal.status.experiments] == [
        line.name for line in fast.goal.status.experiments
    ]
    assert outcome(searched(timing=1)) == outcome(searched(timing=2))


def test_a_record_without_a_latency_that_was_asked_for_is_unsound():
    spec = experiment().spec.model_copy(update={"latency": True})
    assert unsound(dataclasses.replace(record(), latency_ms=1.0), spec, card()) is None
    for wrong in (None, 0.0, -1.0):
        found = unsound(dataclasses.replace(record(), latency_ms=wrong), spec, card())
        assert found == f"its latency is {wrong}, which no model has"


def test_the_hardware_is_what_a_time_depends_on():
    full = {"device": "cpu", "cpu": "A", "threads": "1", "python": "3.12", "seedbed_runner": "x"}
    assert hardware(full) == "device cpu, cpu A, threads 1"
    assert hardware(full | {"python": "3.13"}) == hardware(full) != hardware(full | {"threads": "2"})
    assert hardware({}) is hardware({"device": "cpu", "cpu": ""}) is None
    assert len(hardware(full | {"cpu": "A" * 900})) == LENGTH


def test_it_is_a_bound_and_no_objective():
    assert LATENCY.name not in METRICS
    with pytest.raises(ValidationError, match="bounds latency_ms twice"):
        goal(constraints=[{"metric": "latency_ms", "max": 1}, {"metric": "latency_ms", "max": 2}])
    assert len(goal(constraints=[{"metric": "parameters", "max": 1}] * 2).spec.constraints) == 2
