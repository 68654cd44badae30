import os
import subprocess
import sys

import pytest

from fakes.planning import CARDS, card, goal, line, request, simulate, surface
from seedbed.api.goal import Constraint, Deadlines, Resources, Seeds
from seedbed.api.objective import Objective
from seedbed.api.training import ModelSpec, Training
from seedbed.errors import PlannerFailed
from seedbed.planning import scope, search
from seedbed.planning.contract import Proposal, ProposalRequest, Tried
from seedbed.planning.cost import Limits, estimate
from seedbed.planning.search import SearchPlanner
from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.contract.layers import resolve
from seedbed_runner.contract.records import Card

HASHES = {
    "tabular": "sha256:5f98b465a5e70582960689c09afbc06a60604744e3f61122b876da4f25db40f5",
    "text": "sha256:1d56a2a1cde43a36a900d7c0b4c609b1d3456eeb4020028d3e896229f189f1f4",
}  # of the settings of the first six proposals
both = pytest.mark.parametrize("data", CARDS.values(), ids=CARDS)


def plan_of(proposal, data):
    return resolve(proposal.model.layers, data["input_shape"], data["classes"], data.get("vocabulary", 0))


def configuration(proposal):
    return (proposal.model.model_dump_json(), proposal.training.model_dump_json())


@both
def test_forty_proposals_fit_and_never_repeat(data):
    tried = simulate(40, goal(), data)
    assert len({configuration(one.proposal) for one in tried}) == 40
    for one in tried:
        assert plan_of(one.proposal, data).parameters > 0
        assert one.proposal.training.batch_size <= data["sizes"]["train"]


def test_the_first_proposals_are_defaults_one_family_each():
    first = simulate(3, goal(), card())
    assert [one.proposal.memo["settings"]["family"] for one in first] == ["cnn", "residual_cnn", "mlp"]
    assert "a sound start on Handwritten digits" in first[0].proposal.hypothesis
    assert first[0].proposal.parent is None
    assert first[0].proposal.change == ""
    assert {"type": "BatchNorm2d"} in first[0].proposal.model.layers


@both
def test_the_same_request_gives_the_same_bytes_in_another_process(data):
    tried = simulate(12, goal(), data)
    asked = request(13, tried[:11], [tried[11].proposal], data=data)
    here = SearchPlanner().propose(asked).model_dump_json()
    code = (
        "import sys\n"
        "from seedbed.planning.contract import ProposalRequest\n"
        "from seedbed.planning.search import SearchPlanner\n"
        "asked = ProposalRequest.model_validate_json(sys.stdin.read())\n"
        "sys.stdout.write(SearchPlanner().propose(asked).model_dump_json())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=asked.model_dump_json(), check=True, text=True,
        capture_output=True, env={**os.environ, "PYTHONHASHSEED": "12345"},
    )  # fmt: skip
    assert there.stdout == here


def test_a_memo_that_lost_its_number_types_on_the_way_still_counts():
    tried = simulate(12, goal(), card())
    asked = request(13, tried)
    rounded = asked.model_copy(deep=True)
    for one in rounded.history:
        settings = one.proposal.memo["settings"]
        settings.update(
            {"dropout": int(settings["dropout"]) or settings["dropout"], "size": float(settings["size"])}
        )
    assert SearchPlanner().propose(rounded) == SearchPlanner().propose(asked)


def test_another_root_gives_another_search():
    def drawn(root):
        return [configuration(one.proposal) for one in simulate(6, goal(seeds=Seeds(root=root)), card())]

    assert drawn(0)[:3] == drawn(1)[:3]
    assert not set(drawn(0)[3:]) & set(drawn(1)[3:])


@both
def test_learns_from_outcomes(data, monkeypatch):
    """Late proposals score far better than blind draws, over two searches of one simulated world."""

    def late(roots=(0, 1)):
        found = [simulate(30, goal(seeds=Seeds(root=root)), data)[-10:] for root in roots]
        return sum(one.line.mean for tail in found for one in tail) / 10 / len(found)

    learnt = late()
    monkeypatch.setattr(search, "STARTUP", 1000)
    assert learnt > late() + 0.03


@pytest.mark.parametrize(("failing", "least", "most"), [(True, 0, 3), (False, 10, 15)])
def test_failures_push_away(failing, least, most):
    """SGD scores best in this world; where it fails instead, the last 15 proposals seldom use it.

    One of this root's first draws uses it: what no early draw has, is seldom found.
    """

    def sgd(settings):
        return settings["optimizer"] == "SGD"

    tried = simulate(
        30,
        goal(seeds=Seeds(root=1)),
        card(),
        world=lambda settings: 0.9 if not sgd(settings) else None if failing else 0.95,
        outcome=lambda settings: "Failed" if failing and sgd(settings) else "Dropped",
    )
    assert least <= sum(sgd(one.proposal.memo["settings"]) for one in tried[-15:]) <= most


def test_what_is_pending_is_not_proposed_again():
    tried = simulate(12, goal(), card())
    pending = [SearchPlanner().propose(request(13, tried))]
    for _ in range(3):
        pending.append(SearchPlanner().propose(request(13, tried, pending)))
    assert len({configuration(proposal) for proposal in pending}) == 4


@pytest.mark.parametrize("most", [5_000, 1_400, 700])
def test_a_bound_on_parameters_is_kept(most):
    tried = simulate(12, goal(constraints=[Constraint(metric="parameters", max=most)]), card())
    assert all(plan_of(one.proposal, card()).parameters <= most for one in tried)
    assert len({configuration(one.proposal) for one in tried}) == 12


def test_a_bound_below_every_model_is_said():
    asked = goal(constraints=[Constraint(metric="parameters", max=100)])
    with pytest.raises(PlannerFailed, match="within the goal's limits .*, 100 parameters"):
        SearchPlanner().propose(request(1, [], asked=asked))


@pytest.mark.parametrize(
    "limits",
    [{"deadlines": Deadlines(run="8s")}, {"resources": Resources(memory="520Mi")}],
    ids=["time", "memory"],
)
def test_what_a_run_may_cost_is_kept(limits):
    asked, data = goal(**limits), card(shape=(3, 32, 32))
    for one in simulate(10, asked, data):
        cost = estimate(plan_of(one.proposal, data), one.proposal.training, Card.from_dict(data))
        assert Limits.of(asked).allow(cost)


def test_no_candidate_costs_far_more_than_the_first():
    tried = simulate(30, goal(), card(), world=lambda settings: 0.5 + 0.1 * settings["size"])
    costs = [
        estimate(plan_of(one.proposal, card()), one.proposal.training, Card.from_dict(card())).seconds
        for one in tried
    ]
    assert max(costs) <= scope.DEAREST * costs[0]
    assert max(costs) > 2 * costs[0]


def test_images_too_large_for_a_family_do_without_it():
    """An MLP on these would have more parameters than any model may."""
    asked = goal(resources=Resources(memory="999Gi"), deadlines=Deadlines(run="999h"))
    tried = simulate(8, asked, card(shape=(3, 1500, 1500), train=100))
    assert all(one.proposal.memo["settings"]["family"] in ("cnn", "residual_cnn") for one in tried)


def test_the_parent_is_the_best_and_the_change_can_be_read():
    tried = simulate(10, goal(), card())
    best = max(tried, key=lambda one: one.line.mean)
    proposal = SearchPlanner().propose(request(11, tried))
    assert proposal.parent == best.line.index
    assert f"{best.line.mean:.4f}" in proposal.expected_effect
    for part in proposal.change.split(", "):
        if part.startswith("lr "):
            assert part == f"lr {best.proposal.training.optimizer.lr:g} → {proposal.training.optimizer.lr:g}"


def test_a_failed_or_unusable_experiment_is_no_parent():
    tried = simulate(3, goal(), card())
    broken = [
        Tried(proposal=tried[0].proposal, line=line(1, None, "Failed")),
        Tried(proposal=tried[1].proposal, line=line(2, 0.99, "ConstraintBroken")),
        Tried(proposal=tried[2].proposal, line=line(3, 0.5)),
    ]
    assert SearchPlanner().propose(request(4, broken)).parent == 3
    assert SearchPlanner().propose(request(4, broken[:2])).parent is None


def test_goes_on_after_another_planners_proposals():
    """As the fallback of one that notes no settings: no repeats of its configurations, but their children."""
    own = simulate(1, goal(), card())[0].proposal
    foreign = [
        Proposal(
            hypothesis="mine",
            model=ModelSpec(layers=[{"type": "Flatten"}, {"type": "Linear", "out_features": "classes"}]),
            training=Training(),
            memo={"settings": {"family": "unheard of"}},
        ),
        Proposal(hypothesis="the search planner's default", model=own.model, training=own.training),
    ]
    tried = [Tried(proposal=one, line=line(i, 0.9 - i / 100)) for i, one in enumerate(foreign, start=1)]
    proposal = SearchPlanner().propose(request(3, tried))
    assert configuration(proposal) != configuration(own)
    assert proposal.parent == 1
    assert proposal.change.startswith("another model: residual CNN (width 32")
    assert "lr 0.001 → 0.01" in proposal.change


def test_a_request_survives_json():
    asked = request(9, simulate(8, goal(), card()))
    assert ProposalRequest.model_validate_json(asked.model_dump_json()) == asked
    assert surface(asked.history[0].proposal.memo["settings"]) == asked.history[0].line.mean


@pytest.mark.parametrize("kind", ["tabular", "text"])
def test_data_that_are_no_images_have_the_searches_that_they_had(kind):
    """What augmentation and class weights are for images and rare classes leaves others as they were."""
    drawn = [one.proposal.memo["settings"] for one in simulate(6, goal(), CARDS[kind])]
    assert content_hash(drawn) == HASHES[kind]


def test_a_search_of_images_from_before_they_were_augmented_still_tells():
    tried = simulate(12, goal(), card())
    before = [one.model_copy(deep=True) for one in tried[:8]]
    for one in before:
        del one.proposal.memo["settings"]["augment"]
    asked = SearchPlanner().propose(request(9, before))
    assert "by a model of the 8 outcomes known" in asked.hypothesis
    assert set(asked.memo["settings"]) == set(tried[0].proposal.memo["settings"])


def test_images_are_augmented_in_some_proposals_and_never_in_the_defaults():
    found = [one.proposal for one in simulate(12, goal(), card())]
    assert [one.training.augment for one in found[:3]] == [None] * 3
    assert {tuple(one.training.augment or ()) for one in found[3:]} == {(), ("Crop",)}
    assert any("augmentation none → crop" in one.change for one in found)


def test_rare_classes_are_weighted_in_some_proposals():
    asked = goal().model_copy(update={"objective": Objective(metric="f1_macro", target=0.9)})
    data = CARDS["tabular"] | {"imbalance": 4.0}
    found = [one.proposal for one in simulate(12, asked, data)]
    assert [one.training.class_weights for one in found[:3]] == [None] * 3
    assert {one.training.class_weights for one in found[3:]} == {None, "Balanced"}
