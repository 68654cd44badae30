import pytest

from fakes.memory import goal
from seedbed.api import Experiment
from seedbed.engine.baseline import Unfit, Waits, frozen

GOAL = goal(objective={"improvement": {"over": "b", "by": 0.02}})
IMPROVEMENT = GOAL.spec.objective.improvement


def baseline(count=10, phase="Scored", assurance="trusted-code", **spec):
    body = {"purpose": "Confirm", "dataset": {"name": "digits"}, "seeds": list(range(count))} | spec
    body["model"] = {"layers": [{"type": "Linear", "out_features": "classes"}]}
    runs = [
        {"seed": i, "phase": phase if i == 0 else "Scored", "score": 0.9 + i / 1000} for i in range(count)
    ]
    if phase != "Scored":
        del runs[0]["score"]
    return Experiment.model_validate({
        "metadata": {"name": "b", "uid": "u"}, "spec": body,
        "status": {"runs": runs, "assurance": assurance},
    })  # fmt: skip


def test_its_scores_are_kept_and_give_the_target():
    kept = frozen(GOAL, IMPROVEMENT, baseline())
    assert (kept.experiment, kept.uid, kept.n, len(kept.scores)) == ("b", "u", 10, 10)
    assert kept.mean == pytest.approx(0.9045) and kept.target == pytest.approx(1.02 * 0.9045)


def test_its_metric_may_be_that_of_its_data():
    def judged(metric, phase):
        made = baseline(phase=phase)
        return made.model_copy(update={"status": made.status.model_copy(update={"metric": metric})})

    assert isinstance(frozen(GOAL, IMPROVEMENT, judged(None, "Running")), Waits)
    assert frozen(GOAL, IMPROVEMENT, judged("accuracy", "Scored")).n == 10
    unfit = frozen(GOAL, IMPROVEMENT, judged("matthews", "Running"))
    assert isinstance(unfit, Unfit) and "its metric is matthews, the goal's is accuracy" in unfit.why


def test_two_per_cent_better_is_two_per_cent_less_for_a_loss():
    objective = {"metric": "log_loss", "direction": "Minimize", "improvement": {"over": "b", "by": 0.02}}
    kept = frozen(goal(objective=objective), IMPROVEMENT, baseline(metric="log_loss"))
    assert kept.target == pytest.approx(0.98 * 0.9045)


@pytest.mark.parametrize(
    ("experiment", "said"),
    [
        (None, "there is no Experiment b"),
        (baseline(phase="Running"), "9 of 10 seeds are over"),
    ],
)
def test_it_is_waited_for(experiment, said):
    found = frozen(GOAL, IMPROVEMENT, experiment)
    assert isinstance(found, Waits) and said in found.why


@pytest.mark.parametrize(
    ("experiment", "said"),
    [
        (baseline(count=9), "9 scored seeds but an improvement over it needs 10"),
        (baseline(phase="Failed"), "1 of its 10 seeds have no score"),
        (baseline(purpose="Explore"), "make one with `purpose: Confirm`"),
        (baseline(metric="f1_macro"), "its metric is f1_macro, the goal's is accuracy"),
        (baseline(dataset={"name": "digits", "split": {"seed": 1}}), "another split is another test"),
        (baseline(assurance="none"), "the assurance of its runs is none"),
    ],
)
def test_it_can_not_serve(experiment, said):
    found = frozen(GOAL, IMPROVEMENT, experiment)
    assert isinstance(found, Unfit) and said in found.why
