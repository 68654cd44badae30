import pytest

from fakes.memory import goal
from seedbed.api import Experiment, ExperimentStatus, GoalStatus
from seedbed.api.experiment import RunStatus
from seedbed.cli import exits


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        ("Achieved", 0),
        ("Failed", 1),
        ("Refused", 2),
        ("NotAchieved", 3),
        ("Inconclusive", 4),
        ("Searching", 130),
        ("Suspended", 130),
    ],
)
def test_of_a_goal(phase, code):
    assert exits.of_goal(goal().model_copy(update={"status": GoalStatus(phase=phase)})) == code


@pytest.mark.parametrize(
    ("phase", "run", "code"),
    [
        ("Completed", "Scored", 0),
        ("Failed", "Failed", 3),
        ("Failed", "Missing", 4),
        ("Refused", "Waiting", 1),
        ("Running", "Running", 130),
    ],
)
def test_of_an_experiment(phase, run, code):
    status = ExperimentStatus(phase=phase, runs=[RunStatus(seed=0, phase=run)])
    experiment = Experiment.model_construct(status=status)
    assert exits.of_experiment(experiment) == code
