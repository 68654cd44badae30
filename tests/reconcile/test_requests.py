from fakes.memory import card, goal
from seedbed.api.goal import Resources
from seedbed.api.training import ModelSpec, Training
from seedbed.engine.actions import Confirm, Control, Propose
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment, build_request
from seedbed.world import Profile

MODEL = ModelSpec(source="def build_model(input_shape, num_classes): ...")
LAYERS = ModelSpec(layers=[{"type": "Flatten"}])
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


def test_code_must_be_sealed_in_unless_the_owner_allows_or_declares_otherwise():
    coded = made(Propose(1, 0))
    ours = coded.model_copy(update={"spec": coded.spec.model_copy(update={"model": LAYERS})})

    def asked(experiment, **profile):
        request = build_request(experiment, 0, 1, "d", Profile(**profile))
        return request.demand, request.declared

    assert asked(coded) == ("sealed", "") and asked(ours) == ("trusted-code", "")
    assert asked(coded, allow_unsealed=True) == ("none", "")
    assert asked(coded, declared="gvisor") == ("sealed", "gvisor")
    assert build_request(coded, 0, 1, "d").demand == "sealed"
