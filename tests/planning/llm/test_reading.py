import json

import pytest

from fakes.planning import card, goal, line, request, simulate
from seedbed.api.goal import Constraint, Deadlines, Resources
from seedbed.planning.contract import Proposal, Tried
from seedbed.planning.llm.offer import Code, Offer
from seedbed.planning.llm.reading import MAX_PROBLEMS, read

LAYERS = [
    {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Flatten"},
    {"type": "Linear", "out_features": "classes"},
]


def proposed(**more):
    return {
        "hypothesis": "More width helps.", "parent": None, "change": "a first try",
        "expectedEffect": "0.9", "model": {"layers": LAYERS}, "training": {"epochs": 3}, **more,
    }  # fmt: skip


def answered(*proposals):
    return json.dumps({"proposals": list(proposals), "stop": None})


def problems(text, asked=None, offer=None):
    reading = read(text, asked or request(1, []), offer or Offer())
    assert (reading.answer is None) == bool(reading.problems)
    return list(reading.problems)


def test_a_good_answer_becomes_a_proposal():
    reading = read(answered(proposed(hypothesis="More\nwidth\u202e helps.")), request(1, []), Offer())
    proposal = reading.answer.proposals[0].proposal(tokens=12)
    assert isinstance(proposal, Proposal)
    assert proposal.hypothesis == "More width helps."
    assert proposal.model.layers == LAYERS
    assert (proposal.training.epochs, proposal.training.batch_size) == (3, 64)
    assert (proposal.tokens, proposal.memo, proposal.parent) == (12, {}, None)


def test_a_text_that_is_too_long_for_a_resource_is_cut_and_not_refused():
    answer = read(answered(proposed(change="x" * 900)), request(1, []), Offer()).answer
    assert len(answer.proposals[0].proposal().change) == 500


def test_null_means_the_default_of_a_layer():
    linear = {"type": "Linear", "out_features": "classes", "bias": None}
    layers = [
        {"type": "Sequential", "layers": [{"type": "Flatten", "end_dim": None}], "repeat": None},
        linear,
    ]
    answer = read(answered(proposed(model={"layers": layers})), request(1, []), Offer()).answer
    assert answer.proposals[0].model.spec().layers == [
        {"type": "Sequential", "layers": [{"type": "Flatten"}]},
        {"type": "Linear", "out_features": "classes"},
    ]


def test_stopping_has_a_reason_and_no_proposals():
    assert read('{"proposals": [], "stop": "converged"}', request(1, []), Offer()).answer.stop == "converged"
    wanted = ["give `proposals`, or `stop` with a reason and no proposals"]
    assert problems('{"proposals": [], "stop": null}') == wanted
    assert problems(json.dumps({"proposals": [proposed()], "stop": "done"})) == wanted


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"training": {"epochs": 0}}, "training.epochs: write a whole number from 1 to 10000, not 0"),
        ({"training": {"epochs": "3"}}, "training.epochs: write a whole number from 1 to 10000, not '3'"),
        ({"training": {"epocs": 3}}, "training.epocs: unknown field; did you mean epochs?"),
        ({"verdict": "Achieved"},
         "verdict: unknown field; there are: hypothesis, parent, change, expectedEffect, model, training, "
         "resources"),
        ({"hypothesis": ""}, "hypothesis: write text of 1 to 4000 characters, not ''"),
        ({"model": {}}, "model: give exactly one of `layers`, `torchvision` and `source`"),
        ({"model": {"layers": [{"type": "Conv3d"}]}},
         "model.layers[0].type: 'Conv3d' is no layer; did you mean Conv2d or Conv1d?"),
        ({"model": {"layers": [{"type": "Linear", "out_features": 10}]}},
         "model: the last layer gives 1×8×10 but the data has 10 classes: end with {type: Flatten} and "
         "{type: Linear, out_features: classes}"),
        ({"model": {"torchvision": {"name": "resnet"}}},
         "model.torchvision.name: 'resnet' is no classifier known here; did you mean resnet50 or resnet34?"),
        ({"model": {"torchvision": {"name": "alexnet"}}},
         "model.torchvision alexnet: needs images of at least 63×63, but these are 8×8: take a smaller "
         "classifier, such as resnet18, or `layers`"),
        ({"model": {"source": "import os"}}, "model.source: code is not taken for this goal: write layers"),
        ({"parent": 1}, "parent: no experiment 1: there is none yet; null for a fresh start"),
        ({"resources": {"cpu": 2}}, "resources: what a run gets is fixed by the goal: write null"),
    ],
)  # fmt: skip
def test_each_mistake_is_a_sentence_with_its_place(changed, sentence):
    (found,) = problems(answered(proposed(**changed)))
    assert found == f"proposals[0].{sentence}"


def test_all_mistakes_come_at_once_but_not_without_end():
    found = problems(answered(proposed(training={"epochs": 0, "batchSize": 0}, model={"layers": []})))
    assert len(found) == 3
    found = problems(answered(proposed(**{f"field{i}": 1 for i in range(40)})))
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "and 32 further mistakes"


def test_a_sentence_about_an_answer_is_clean():
    hostile = "\u202eLinear\x1b[31m\n```" + "x" * 3000
    (found,) = problems(answered(proposed(model={"layers": [{"type": "ReLU", hostile: 1}]})))
    assert found.isprintable()
    assert len(found) <= 300


def test_what_a_run_may_cost_is_checked_for_each_limit():
    wide = [{"type": "Flatten"}, {"type": "Linear", "out_features": 60_000}, LAYERS[-1]]
    limited = goal(
        constraints=[Constraint(metric="parameters", max=1000)],
        deadlines=Deadlines(run="5s"), resources=Resources(memory="500Mi"),
    )  # fmt: skip
    text = answered(proposed(model={"layers": wide}, training={"epochs": 9000}))
    found = problems(text, request(1, [], asked=limited))
    assert [sentence.split(":")[0] for sentence in found] == [
        "proposals[0].model", "proposals[0].training", "proposals[0].model",
    ]  # fmt: skip
    assert "4,500,010 parameters, at most 1,000 are allowed" in found[0]
    assert "at most 5 s are allowed" in found[1]
    assert "at most 500 MiB are allowed" in found[2]


def test_resources_of_its_own_count_up_to_the_caps():
    offer = Offer(caps=Resources(cpu=4, memory="4Gi"))
    asked = {"gpus": 1, "cpu": 8, "memory": "8Gi"}
    assert problems(answered(proposed(resources=asked)), offer=offer) == [
        "proposals[0].resources.gpus: 1 is more than a run may have: at most 0",
        "proposals[0].resources.cpu: 8 is more than a run may have: at most 4",
        "proposals[0].resources.memory: 8Gi is more than a run may have: at most 4Gi",
    ]
    fine = {"gpus": 0, "cpu": 4, "memory": "4Gi"}
    answer = read(answered(proposed(resources=fine)), request(1, []), offer).answer
    assert answer.proposals[0].proposal().resources == Resources(cpu=4, memory="4Gi")
    small = {"gpus": 0, "cpu": 1, "memory": "400Mi"}
    (found,) = problems(answered(proposed(resources=small)), offer=offer)
    assert "at most 400 MiB are allowed" in found


def test_the_same_again_is_refused_however_it_is_written():
    first = read(answered(proposed()), request(1, []), Offer()).answer.proposals[0].proposal()
    spelled = [{**LAYERS[0], "stride": [1, 1], "bias": True}, *LAYERS[1:]]
    wrapped = [{"type": "Sequential", "layers": spelled}]
    again = answered(proposed(model={"layers": wrapped}, hypothesis="Another one."))
    said = ["proposals[0]: the same model and training as experiment 1: propose another"]
    assert problems(again, request(2, [], [first])) == said
    assert problems(again, request(2, [Tried(proposal=first, line=line(1, 0.9))])) == said
    assert not problems(answered(proposed(training={"epochs": 4})), request(2, [], [first]))


def test_a_batch_holds_no_twins_and_no_more_than_asked_for():
    twin = answered(proposed(), proposed(change="the same"))
    assert problems(twin, offer=Offer(batch=2)) == [
        "proposals[1]: the same model and training as proposals[0]: propose another"
    ]
    other = answered(proposed(), proposed(training={"epochs": 4}))
    assert problems(other) == ["proposals: there are 2: give at most 1"]
    assert len(read(other, request(1, []), Offer(batch=2)).answer.proposals) == 2


def test_a_parent_may_be_any_earlier_experiment():
    tried = simulate(4, goal(), card())
    asked = request(5, tried[:2], [one.proposal for one in tried[2:]])
    assert not problems(answered(proposed(parent=4)), asked)
    assert problems(answered(proposed(parent=5)), asked) == [
        "proposals[0].parent: no experiment 5: there are 1 to 4; null for a fresh start"
    ]


def test_code_is_judged_by_the_check_that_the_offer_holds():
    offer = Offer(code=Code("rules", lambda text: ["line 1: imports os"] if "os" in text else []))
    assert problems(answered(proposed(model={"source": "import os"})), offer=offer) == [
        "proposals[0].model.source: line 1: imports os"
    ]
