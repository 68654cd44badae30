import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.experiment import RunStatus
from seedbed.api.objective import Objective
from seedbed.api.progress import BaselineStatus, ExperimentLine
from seedbed.engine.aims import aims_of, merit

LOSS = Objective(metric="log_loss", direction="Minimize", target=0.3)
BOTH = Objective(
    metric="accuracy", target=0.9, also=[{"metric": "log_loss", "target": 0.3, "prior_sd": 0.02}]
)


def line(**more):
    return ExperimentLine(index=1, name="e", outcome="Dropped", **more)


def test_a_smaller_loss_is_a_larger_score():
    (aim,) = aims_of(LOSS)
    assert (aim.wanted, aim.target, aim.bound) == (0.3, -0.3, 0.0)
    assert aim.score(RunStatus(seed=0, score=0.25)) == -0.25
    assert aim.drops([-0.4], 0.01) and not aim.drops([-0.3], 0.01)
    assert aim.is_near([-0.29], 1, 0.01, 1000) and not aim.is_near([-0.295], 1, 0.01, 1000)


def test_the_threshold_of_a_loss_stays_a_step_above_the_best():
    (aim,) = aims_of(Objective(metric="log_loss", direction="Minimize", target=0.002))
    assert aim.is_near([-0.001], 1, 0.5, 1000) and not aim.is_near([-0.0011], 1, 0.5, 1000)


def test_further_targets_have_scores_of_their_own():
    first, other = aims_of(BOTH)
    run = RunStatus(seed=0, score=0.95, also={"log_loss": 0.2})
    assert (first.score(run), other.score(run)) == (0.95, -0.2)
    assert other.score(RunStatus(seed=0, score=0.95)) is None
    settled = line(scores=[0.9, 0.91], also={"log_loss": [0.3, 0.31]}, diverged=[False, True])
    assert other.explored(settled).converged == (-0.3,)
    assert other.explored(line()).scores == ()


def test_merit_is_that_of_the_target_that_is_farthest():
    aims = aims_of(BOTH)
    assert merit(aims, [[0.92], [-0.31]]) == pytest.approx(-0.5)
    assert merit(aims, [[0.89], [-0.2]]) == pytest.approx(-1.0)


@given(st.lists(st.floats(0.1, 0.5), min_size=2, max_size=5))
def test_the_spread_of_a_loss_is_that_of_its_mirror(scores):
    lines = [line(scores=scores, diverged=[False] * len(scores))] * 6
    mirrored = [line(scores=[0.6 - each for each in scores], diverged=[False] * len(scores))] * 6
    (loss,), (gain,) = aims_of(LOSS), aims_of(Objective(metric="accuracy", target=0.3))
    assert loss.spread(lines) == pytest.approx(gain.spread(mirrored))


def test_an_improvement_needs_its_baseline():
    objective = Objective(metric="accuracy", improvement={"over": "b", "by": 0.02})
    with pytest.raises(ValueError, match="baseline"):
        aims_of(objective)
    known = BaselineStatus(
        experiment="b", uid="u", scores=[0.8, 0.82], n=2, mean=0.81, sd=0.014, target=0.8262
    )
    (aim,) = aims_of(objective, known)
    assert (aim.wanted, aim.baseline.factor, aim.baseline.scores) == (0.8262, 1.02, (0.8, 0.82))
