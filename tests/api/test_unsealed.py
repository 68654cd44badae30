import pytest

from fakes.memory import goal
from fakes.mistakes import EXPERIMENT, changed
from seedbed.api import Experiment
from seedbed.api.unsealed import code_in


@pytest.mark.parametrize(
    ("planner", "path"),
    [
        ({}, None),
        ({"type": "LLM"}, None),
        ({"type": "Search", "code": True}, None),
        ({"type": "LLM", "code": True}, "spec.planner.code"),
    ],
)
def test_a_goal_has_code_run_when_its_language_model_may_write_some(planner, path):
    assert code_in(goal(planner=planner)) == path


def test_an_experiment_has_code_run_when_its_model_is_code():
    assert code_in(Experiment.model_validate(EXPERIMENT)) is None
    coded = Experiment.model_validate(changed(EXPERIMENT, "spec.model", {"source": "# a module"}))
    assert code_in(coded) == "spec.model.source"
