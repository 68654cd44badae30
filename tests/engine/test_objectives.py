"""Whole searches in memory for every kind of objective that a manifest can ask for."""

import asyncio

import pytest

from fakes.driving import drive
from fakes.memory import MemoryPlanner, MemoryWorld, card, gauss, goal
from seedbed.api import Experiment
from seedbed.reconcile import Reconciler

BUDGET = {"experiments": 8, "parallel": 2, "confirmations": 3}


def ended(objective, quality=0.93, sd=0.005, seeds=None, **launcher):
    spec = goal(objective=objective, budget=BUDGET, seeds=seeds or {})
    planner = MemoryPlanner(lambda request, noise: quality + 0.005 * gauss("quality", request.index))
    return drive(MemoryWorld(spec, planner, sd=sd, **launcher), 0).goal


def test_a_loss_is_searched_for_as_its_mirror_is():
    loss = {"metric": "log_loss", "direction": "Minimize", "target": 0.2}
    found = ended(loss, quality=0.19)
    claim = found.status.claim
    assert claim is not None and claim.mean < claim.bound <= 0.2
    assert claim.low < claim.mean < claim.high
    assert "is at most 0." in claim.statement and "log_loss on digits reaches 0.2" in claim.statement
    assert found.status.best.mean == min(line.mean for line in found.status.experiments)
    assert ended(loss, quality=0.21).status.verdict.verdict == "NotAchieved"


def test_a_population_claim_says_so_and_has_a_wider_bound():
    plain = ended({"target": 0.9}).status.claim
    wide = ended({"target": 0.9, "estimand": "Population"}).status.claim
    assert plain.mean == wide.mean and wide.bound < plain.bound
    assert "over new items" in wide.statement and wide.low < plain.low


def test_a_population_target_that_the_items_can_not_show_is_refused():
    small = ended({"target": 0.97, "estimand": "Population"}, card=card(test=100))
    assert small.status.phase == "Refused"
    assert "100 test items can't show it" in small.status.conditions[0].message


def test_reliability_is_claimed_of_a_share_of_seeds():
    objective = {"target": 0.9, "test": "Reliability", "rate": 0.8}
    found = ended(objective, quality=0.95, seeds={"confirm": 16})
    claim = found.status.claim
    assert (claim.test, claim.n, claim.low) == ("Reliability", 16, None)
    assert claim.bound == pytest.approx(claim.alpha ** (1 / 16)) and claim.bound >= 0.8
    assert "with a share of 0.8 of all seeds" in claim.statement and "since all 16 did" in claim.statement
    assert min(found.status.attempts[-1].scores) >= 0.9


def test_reliability_ends_at_the_first_seed_that_misses():
    objective = {"target": 0.9, "test": "Reliability", "rate": 0.8}
    found = ended(objective, quality=0.915, sd=0.02, seeds={"confirm": 16})
    assert found.status.verdict.verdict == "NotAchieved" and found.status.attempts
    assert {attempt.reason for attempt in found.status.attempts} == {"Missed"}
    # a second attempt would need 22 seeds
    assert len(found.status.attempts) == 1


def test_reliability_with_too_few_seeds_is_refused():
    found = ended({"target": 0.9, "test": "Reliability"})
    assert found.status.phase == "Refused" and "needs 34 seeds" in found.status.conditions[0].message


def test_every_target_must_be_reached():
    objective = {"target": 0.9, "also": [{"metric": "f1_macro", "target": 0.9}]}
    both = ended(objective, also={"f1_macro": -0.005}).status
    assert both.verdict.verdict == "Achieved"
    assert both.claim.also[0].bound >= 0.9 and both.claim.also[0].metric == "f1_macro"
    assert "and f1_macro reaches 0.9" in both.claim.statement
    assert ended(objective, also={"f1_macro": -0.06}).status.verdict.verdict == "NotAchieved"


def test_a_candidate_that_misses_one_of_two_targets_is_dropped():
    objective = {"target": 0.9, "also": [{"metric": "f1_macro", "target": 0.9}]}
    found = ended(objective, also={"f1_macro": -0.06}).status
    assert {line.outcome for line in found.experiments} == {"Dropped"}
    assert {line.n for line in found.experiments} == {1}


def run_baseline(memory, quality):
    """The Experiment that stands alone, run to its end."""
    spec = {
        "purpose": "Confirm", "dataset": {"name": "digits"}, "seeds": list(range(10)),
        "model": {"layers": [{"type": "Linear", "out_features": "classes"}]},
        "hypothesis": f"quality {quality}",
    }  # fmt: skip
    made = Experiment.model_validate({"metadata": {"name": "base"}, "spec": spec})
    reconciler = Reconciler(memory.world, memory.clock)

    async def run():
        await memory.store.create(made)
        for _ in range(3):
            await reconciler.experiment("base")
        for key in sorted(memory.launcher.live):
            memory.launcher.end(key)
        await reconciler.experiment("base")

    asyncio.run(run())


def improving(quality, baseline=0.88):
    spec = goal(objective={"improvement": {"over": "base", "by": 0.02}}, budget=BUDGET)
    planner = MemoryPlanner(lambda request, noise: quality + 0.005 * gauss("quality", request.index))
    memory = MemoryWorld(spec, planner, sd=0.005)
    waiting = drive(memory, 0, until=lambda m: m.goal.status.phase == "Pending" and m.goal.status.conditions)
    assert "there is no Experiment base" in waiting.goal.status.conditions[0].message
    run_baseline(memory, baseline)
    return drive(memory, 0)


def test_an_improvement_waits_for_its_baseline_and_freezes_it():
    memory = improving(0.93)
    status = memory.goal.status
    assert status.verdict.verdict == "Achieved"
    assert status.baseline.n == 10 and status.claim.target == pytest.approx(1.02 * status.baseline.mean)
    assert "2 % better than base" in status.claim.statement
    memory.store.delete(Experiment, "base")
    asyncio.run(Reconciler(memory.world, memory.clock).goal("g"))
    assert memory.goal.status.baseline == status.baseline


def test_an_improvement_that_is_not_there_is_not_claimed():
    assert improving(0.89).goal.status.verdict.verdict == "NotAchieved"


def test_an_improvement_beyond_the_best_possible_is_refused():
    status = improving(0.93, baseline=0.99).goal.status
    assert status.phase == "Refused"
    assert "the baseline's mean asks for a target of 1.0" in status.conditions[0].message
