from fakes.memory import card, goal
from seedbed.api.goal import Resources
from seedbed.api.training import ModelSpec, Training
from seedbed.engine.actions import Confirm, Control, Propose
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile

MODEL = ModelSpec(source="def build_model(input_shape, num_classes): ...")
ACTIONS = (Propose(1, 0), Control(1), Confirm(1, 1))


def made(action, **proposal):
    asked = Proposal(hypothesis="", model=MODEL, training=Training(), **proposal)
    return build_experiment(goal(resources={"cpu": 2}), action, asked, card(), Profile())


def test_a_proposals_own_resources_go_before_the_goals():
    own = Resources(cpu=3, memory="3Gi")
    for action in ACTIONS:
        assert made(action).spec.resources == Resources(cpu=2)
        assert made(action, resources=own).spec.resources == own


def test_every_experiment_of_a_candidate_holds_its_code():
    assert [made(action).spec.model for action in ACTIONS] == [MODEL] * 3
