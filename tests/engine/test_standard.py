"""The test that a manifest asks for is the one that is applied: each against the claim's own function."""

import pytest

from fakes.memory import goal
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import BaselineStatus
from seedbed.engine.claims import attempt_alpha, confirm, repeated_interval
from seedbed.engine.claims_population import confirm_population
from seedbed.engine.claims_relative import confirm_relative
from seedbed.engine.claims_sources import repeated_interval as sourced_interval
from seedbed.engine.intervals import mean
from seedbed.engine.standard import Standard, most_seeds, seeds_of_attempt, seeds_problem

ITEMS = 1000
SCORES = [0.95, 0.94, 0.952, 0.948, 0.951, 0.947, 0.949]
ALPHA = attempt_alpha(1, 0.95)


def standard(objective, baseline=None, **spec):
    return Standard.of(goal(objective=objective, **spec).spec, ITEMS, baseline)


def runs(scores, **more):
    return [RunStatus(seed=i, phase="Scored", score=score, **more) for i, score in enumerate(scores)]


def numbers(look):
    return look.n, look.mean, look.sd, look.statistic, look.critical, look.bound, look.decision


def test_a_mean_on_this_split_is_judged_by_the_plain_looks():
    judged = standard({"target": 0.94}).judge(runs(SCORES), 1)
    path = confirm(SCORES, ALPHA, 0.94, 1 / ITEMS)
    assert [numbers(look) for look in judged.looks] == [numbers(look) for look in path]
    assert (judged.used, judged.decision) == (path[-1].n, path[-1].decision)
    assert standard({"target": 0.94}).interval(runs(SCORES[:4])) == repeated_interval(SCORES[:4])


@pytest.mark.parametrize(("metric", "recorded"), [("accuracy", None), ("f1_macro", [0.2] * 7)])
def test_the_population_has_the_items_error_too(metric, recorded):
    objective = {"metric": metric, "target": 0.93, "estimand": "Population"}
    judge = standard(objective)
    own = runs(SCORES, item_variances={"f1_macro": 0.2})
    path = confirm_population(SCORES, ALPHA, 0.93, 1 / ITEMS, ITEMS, 12, recorded)
    assert [numbers(look) for look in judge.judge(own, 1).looks] == [numbers(look) for look in path]
    plain = standard({"metric": metric, "target": 0.93}).judge(own, 1).looks[0]
    assert judge.judge(own, 1).looks[0].bound < plain.bound
    other = judge.second_source(judge.aims[0], own[:4])
    assert judge.interval(own[:4]) == sourced_interval(SCORES[:4], other, 1 / ITEMS)


def test_a_smaller_loss_is_judged_as_its_mirror_and_told_in_its_own_unit():
    losses = [1 - score for score in SCORES]
    objective = {"metric": "log_loss", "direction": "Minimize", "target": 0.06}
    found, mirror = (
        standard(objective).judge(runs(losses), 1),
        standard({"target": 0.94}).judge(runs(SCORES), 1),
    )
    for down, up in zip(found.looks, mirror.looks, strict=True):
        assert (down.n, down.decision) == (up.n, up.decision)
        assert (down.statistic, down.critical) == pytest.approx((up.statistic, up.critical))
        assert (down.mean, down.bound) == pytest.approx((1 - up.mean, 1 - up.bound))
    own, other = standard(objective).interval(runs(losses)), standard({"target": 0.94}).interval(runs(SCORES))
    assert (own.low, own.high) == pytest.approx((1 - other.high, 1 - other.low))


def test_an_improvement_has_the_baselines_error_too():
    scores = [0.90 + 0.002 * (i % 3) for i in range(10)]
    over = BaselineStatus(
        experiment="b", uid="u", scores=scores, n=10, mean=mean(scores), sd=0.0, target=1.02 * mean(scores)
    )  # fmt: skip
    judged = standard({"improvement": {"over": "b", "by": 0.02}}, over).judge(runs(SCORES), 1)
    path = confirm_relative(SCORES, scores, 1.02, ALPHA, 1 / ITEMS, 12)
    for look, part in zip(judged.looks, path, strict=True):
        assert numbers(look)[:-1] == pytest.approx(numbers(part)[:-1])
        assert look.decision == part.decision


def test_all_targets_must_pass_at_the_same_look():
    objective = {"target": 0.94, "also": [{"metric": "f1_macro", "target": 0.94}]}
    judge = standard(objective)
    good = [run.model_copy(update={"also": {"f1_macro": run.score}}) for run in runs(SCORES)]
    alone = standard({"target": 0.94}).judge(runs(SCORES), 1)
    assert judge.judge(good, 1).decision == alone.decision == "Achieved"
    bad = [run.model_copy(update={"also": {"f1_macro": run.score - 0.02}}) for run in good]
    judged = judge.judge(bad, 1)
    assert judged.decision == "Futile" and not judged.looks[-1].also[0].passed
    assert judged.looks[-1].also[0].mean == pytest.approx(judged.looks[-1].mean - 0.02)


RELIABLE = {"target": 0.94, "test": "Reliability", "rate": 0.5}


def test_reliability_counts_seeds_in_a_row():
    judge = standard(RELIABLE)
    assert seeds_of_attempt(judge.spec, 1) == 6 and judge.gates(1) == (4, 6)
    assert judge.judge(runs(SCORES[:5]), 1).decision == "Continue"
    judged = judge.judge(runs(SCORES), 1)
    assert (judged.decision, judged.used, judged.reliability.worst) == ("Achieved", 6, 0.94)
    assert judged.reliability.bound == pytest.approx(ALPHA ** (1 / 6))
    missed = judge.judge(runs([0.95, 0.939, 0.95]), 1)
    assert (missed.decision, missed.used, missed.reliability.passed) == ("Missed", 2, 1)


def test_reliability_of_several_targets_needs_all_of_them_of_each_seed():
    judge = standard(RELIABLE | {"also": [{"metric": "log_loss", "target": 0.2}]})
    own = runs(SCORES, also={"log_loss": 0.2})
    assert judge.judge(own, 1).decision == "Achieved"
    own[3] = own[3].model_copy(update={"also": {"log_loss": 0.21}})
    assert judge.judge(own, 1).reliability.passed == 3


def test_reliability_needs_more_seeds_with_every_attempt_and_says_when_they_are_too_few():
    spec = goal(objective=RELIABLE | {"rate": 0.9}, seeds={"confirm": 40}).spec
    assert [seeds_of_attempt(spec, k) for k in (1, 2)] == [34, 47]
    assert most_seeds(spec) == 40 and seeds_problem(spec) is None
    assert "attempt 2 needs 47 seeds" in seeds_problem(spec, 2)
    few = goal(objective=RELIABLE | {"rate": 0.9}).spec
    assert seeds_problem(few).startswith("`seeds.confirm` is 12 but for a rate of 0.9 one attempt needs 34")
    assert Standard.of(spec, ITEMS, None).gates(1) == (4, 8, 16, 32, 34)
