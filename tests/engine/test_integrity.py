"""The rules of the integrity verdict, against numbers computed by hand or by scipy's distribution."""

import pytest
from scipy import stats

from fakes.memory import card, goal
from seedbed.api import ExperimentStatus
from seedbed.api.experiment import RunStatus
from seedbed.api.objective import Objective
from seedbed.engine.actions import Control
from seedbed.engine.integrity import (
    chance,
    duplicates,
    duplicates_problem,
    highest,
    impossible,
    judge_control,
)
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile

SEEDS = (90_010, 90_011)


def control(*runs):
    layers = [{"type": "Linear", "out_features": "classes"}]
    proposal = Proposal(hypothesis="", model={"layers": layers}, training={})
    made = build_experiment(goal(), Control(1), proposal, card(), Profile())
    assert tuple(made.spec.seeds) == SEEDS
    return made.model_copy(update={"status": ExperimentStatus(runs=list(runs))})


def scored(*scores):
    pairs = zip(SEEDS, scores, strict=False)
    return control(*(RunStatus(seed=seed, attempt=1, phase="Scored", score=score) for seed, score in pairs))


def judge(experiment, mean=0.9):
    return judge_control(experiment, mean, "accuracy", card())


def kinds(judged):
    return [(finding.type, finding.severity) for finding in judged.findings]


def test_the_bound_is_the_binomials():
    # chance .5 of 1000 items: 549 right are reached by luck less often than once in a thousand, 548 are not
    bound = highest("accuracy", 0.5, card(), "validation", 1e-3)
    assert stats.binom.sf(round(bound * 1000), 1000, 0.5) <= 1e-3
    assert stats.binom.sf(round(bound * 1000) - 1, 1000, 0.5) > 1e-3
    assert bound == pytest.approx(0.549)


def test_an_average_over_classes_is_held_to_fewer_items():
    rare = card(imbalance=10.0, baselines={"majority": {"accuracy": 0.9, "balanced_accuracy": 0.5}})
    assert chance("balanced_accuracy", rare) == 0.5 and chance("accuracy", card(chance=0.6)) == 0.6
    bound = highest("balanced_accuracy", 0.5, rare, "validation", 1e-3)
    assert bound == pytest.approx(stats.binom.isf(1e-3, 100, 0.5) / 100)


def test_a_control_at_chance_takes_one_run_and_finds_nothing():
    judged = judge(scored(0.549))
    assert judged.over and judged.scores == [0.549] and judged.findings == []


def test_a_run_that_is_missing_is_waited_for():
    assert not judge(None).over and not judge(control()).over
    assert (judge(control()).open, judge(control()).over) == (1, False)
    assert (judge(scored(0.9)).open, judge(scored(0.9)).over) == (2, False)


def test_above_chance_by_less_than_a_quarter_of_the_advantage_is_shown():
    judged = judge(scored(0.59))  # chance .5, a candidate at .9: a quarter is .1
    assert judged.over and kinds(judged) == [("AboveChance", "Shown")]


def test_luck_that_does_not_repeat_is_no_leak():
    judged = judge(scored(0.8, 0.3))
    assert judged.over and kinds(judged) == [("AboveChance", "Shown")]


def test_a_pair_above_a_quarter_of_the_advantage_is_a_leak():
    judged = judge(scored(0.8, 0.61))
    assert kinds(judged) == [("Leak", "Blocks")]
    assert judged.findings[0].numbers["score"] == 0.61 and "0.6100 or more in 2 of 2" in str(judged.findings)
    assert kinds(judge(scored(0.8, 0.6))) == [("AboveChance", "Shown")]


def test_a_model_that_fails_on_permuted_labels_is_shown_and_a_missing_run_blocks():
    failed = control(RunStatus(seed=SEEDS[0], phase="Failed", reason="OutOfMemory", message="too large"))
    assert kinds(judge(failed)) == [("ControlFailed", "Shown")]
    missing = control(RunStatus(seed=SEEDS[0], phase="Missing", reason="NodeLost", message="gone"))
    assert kinds(judge(missing)) == [("ControlMissing", "Blocks")]
    unsound = RunStatus(seed=SEEDS[0], phase="Scored", score=0.5, unsound="it scored 3 items")
    assert kinds(judge(control(unsound))) == [("Unsound", "Blocks")]


@pytest.mark.parametrize(("mean", "blocked"), [(0.93, False), (0.974, False), (0.976, True), (1.0, True)])
def test_a_mean_is_impossible_beyond_the_ceiling_and_luck(mean, blocked):
    found = impossible(
        mean, Objective(metric="accuracy", target=0.9), card(bayes_accuracy=0.95), "validation"
    )
    assert stats.binom.isf(1e-4, 1000, 0.95) == 974  # by luck at a ceiling of .95
    assert (found is not None) == blocked


def test_the_lower_ceiling_counts_and_none_is_none():
    assert impossible(1.0, Objective(metric="accuracy", target=0.9), card(), "test") is None
    assert impossible(1.0, Objective(metric="accuracy", target=0.9, ceiling=1.0), card(), "test") is None
    declared = impossible(
        0.97, Objective(metric="accuracy", target=0.9, ceiling=0.92), card(bayes_accuracy=0.97), "test"
    )
    assert declared.numbers["ceiling"] == 0.92
    averaged = Objective(metric="f1_macro", target=0.9)
    assert impossible(1.0, averaged, card(bayes_accuracy=0.9), "test") is None  # known of accuracy alone


def test_equal_rows_are_shown_and_too_many_end_it_at_the_start():
    few = card(overlap={"train_validation": 0, "train_test": 10, "validation_test": 2})
    assert duplicates(card(overlap={"train_test": 0})) == [] and duplicates(card()) == []
    (finding,) = duplicates(few)
    assert finding.message == "equal rows: 10 in both train and test; 2 in both validation and test"
    assert duplicates_problem(few) is None  # 1 % of 1000
    assert duplicates_problem(card(overlap={"train_test": 11})).startswith("11 of 1000 test rows are in the")


def test_a_ceiling_below_the_target_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"`ceiling` is 0\.9 but .* in \[0\.95, 1\]"):
        Objective(metric="accuracy", target=0.95, ceiling=0.9)
    with pytest.raises(ValueError, match="`ceiling` is 97"):
        Objective(metric="accuracy", target=0.95, ceiling=97)
