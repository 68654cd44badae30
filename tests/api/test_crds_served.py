"""The CRDs as an API server serves them that runs their CEL rules, which is Kubernetes 1.25 or newer.

Objects go to the namespace `default`, and nearly all of them as dry runs.
"""

import asyncio
import copy
import uuid
from pathlib import Path

import pytest
import yaml

from fakes.cel_server import address, cel_server, define
from fakes.mistakes import EXAMPLES, EXPERIMENT, GOAL, UNKNOWN, WRONG, changed, told
from seedbed.api.cel import fields
from seedbed.api.experiment import ExperimentSpec
from seedbed.api.goal import Budget, GoalSpec
from seedbed.errors import ClusterFailed, ClusterRefused, NotFound

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

CRDS = Path(__file__).parents[2] / "crds"
STRICT, LAX = "?dryRun=All&fieldValidation=Strict", "?dryRun=All"


@pytest.fixture(scope="module")
def server():
    """The server with the CRDs of this tree established: their rules are within its limits of cost."""
    found = cel_server()
    found.ask(establish)
    return found


async def establish(rest):
    for file in sorted(CRDS.glob("*.yaml")):
        await define(rest, yaml.safe_load(file.read_text()))
    async with asyncio.timeout(30):
        while not (await is_served(rest, GOAL) and await is_served(rest, EXPERIMENT)):
            await asyncio.sleep(0.1)


async def is_served(rest, sample):
    """Whether the rules are at work: a server takes a moment to take up a new definition."""
    try:
        await rest.create(address(sample["kind"]) + STRICT, changed(sample, "metadata.name", "n" * 64))
    except ClusterRefused as error:
        return "metadata.name must have at most" in str(error)
    except (ClusterFailed, NotFound):
        return False
    return False


@pytest.fixture
def made(server):
    """Creates a document for real, under a name of its own, until the end of the test."""
    there = []

    def make(document):
        document = changed(document, "metadata.name", f"test-{uuid.uuid4().hex[:8]}")
        there.append(server.create(document, ""))
        return there[-1]

    yield make
    for document in there:
        server.delete(document)


def refusal(action, *arguments, **options):
    with pytest.raises(ClusterRefused) as caught:
        action(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_are_taken(server, file):
    document = yaml.safe_load(file.read_text())
    taken = server.create(document)
    expected = {"start": "30m", "run": "20m"} | document["spec"].get("deadlines", {})
    assert taken["spec"]["deadlines"] == expected, "defaults are the server's to fill in"


@pytest.mark.parametrize(
    ("sample", "path", "value", "served", "said"),
    WRONG,
    ids=[told(path, value) for _, path, value, *_ in WRONG],
)
def test_what_is_wrong_is_refused(server, sample, path, value, served, said):
    sentence = refusal(server.create, changed(sample, path, value))
    assert served in sentence and sentence.endswith("(422)")


@pytest.mark.parametrize(("sample", "path", "value"), UNKNOWN)
def test_a_field_that_no_resource_has_is_refused_or_dropped(server, sample, path, value):
    document = changed(sample, path, value)
    assert f'unknown field "{path}"' in refusal(server.create, document)
    *above, last = path.split(".")
    place = server.create(document, LAX)
    for key in above:
        place = place[key]
    assert last not in place


def test_layers_are_kept_as_they_were_written(server):
    layers = [{"type": "Repeat", "layers": [{"type": "ReLU", "what": {"ever": [1, None]}}]}]
    assert (
        server.create(changed(EXPERIMENT, "spec.model.layers", layers))["spec"]["model"]["layers"] == layers
    )


OTHER_GOAL = {
    "goal": "another",
    "dataset": {"name": "digits", "split": {"seed": 1}},
    "objective": {"target": 0.9},
    "constraints": [],
    "seeds": {"root": 1},
    "planner": {"type": "LLM"},
    "deadlines": {"run": "21m"},
    "resources": {"cpu": 2},
    "profile": "large",
    "artifacts": {"store": "other"},
    "integrity": {"control": False},
    "ttlAfterFinished": "2h",
}
OTHER_EXPERIMENT = {
    "goal": "digits",
    "index": 2,
    "attempt": 2,
    "purpose": "Confirm",
    "dataset": {"name": "digits", "split": {"seed": 1}},
    "dataHash": f"sha256:{'1' * 64}",
    "metric": "f1_macro",
    "also": ["log_loss"],
    "latency": True,
    "model": {"layers": [{"type": "Linear", "out_features": "classes", "bias": False}]},
    "training": {"epochs": 3},
    "seeds": [5],
    "threads": 2,
    "device": "cuda",
    "deadlines": {"run": "21m"},
    "resources": {"cpu": 2},
    "profile": "large",
    "image": "evil:1",
    "artifacts": {"store": "other"},
    "hypothesis": "another",
    "parent": 2,
    "change": "another",
    "expectedEffect": "another",
    "tokens": 7,
}


def test_every_field_that_is_fixed_is_tried():
    assert set(OTHER_GOAL) == set(fields(GoalSpec)) - {"suspend", "approval", "budget"}
    assert set(OTHER_EXPERIMENT) == set(fields(ExperimentSpec)) - {"approved"}


def test_a_goal_is_fixed(server, made):
    goal = made(changed(GOAL, "spec.ttlAfterFinished", "1h"))
    for field, value in OTHER_GOAL.items():
        sentence = (
            f"{field} can't be changed: only suspend, approval and a rising budget can; make another goal"
        )
        assert sentence in refusal(server.merge, goal, {"spec": {field: value}}), field
        server.merge(goal, {"spec": {field: goal["spec"][field]}})
    assert "ttlAfterFinished can't be" in refusal(server.merge, goal, {"spec": {"ttlAfterFinished": None}})


def test_a_field_that_was_not_there_can_not_appear(server, made):
    goal, experiment = made(GOAL), made(EXPERIMENT)
    assert "ttlAfterFinished can't be" in refusal(server.merge, goal, {"spec": {"ttlAfterFinished": "1h"}})
    for field in {"goal", "index", "attempt", "dataHash", "image", "parent"} - set(experiment["spec"]):
        assert f"{field} can't be" in refusal(
            server.merge, experiment, {"spec": {field: OTHER_EXPERIMENT[field]}}
        )


def test_an_experiment_is_fixed(server, made):
    optional = {
        "goal": "iris",
        "index": 1,
        "attempt": 1,
        "dataHash": f"sha256:{'0' * 64}",
        "image": "good:1",
        "parent": 1,
    }
    document = copy.deepcopy(EXPERIMENT)
    document["spec"] |= optional
    experiment = made(document)
    for field, value in OTHER_EXPERIMENT.items():
        sentence = f"{field} can't be changed: only approved can; make another experiment"
        assert sentence in refusal(server.merge, experiment, {"spec": {field: value}}), field
    for field in optional:
        assert f"{field} can't be" in refusal(server.merge, experiment, {"spec": {field: None}}), field
    assert server.merge(experiment, {"spec": {"approved": False}})["spec"]["approved"] is False


def test_a_layer_is_fixed_in_what_the_schema_does_not_know(server, made):
    experiment = made(EXPERIMENT)
    for change in ({"out_channels": 17}, {"image": "evil:1"}, {"padding": None}):
        other = copy.deepcopy(experiment)
        other["spec"]["model"]["layers"][0] |= change
        assert "model can't be changed" in refusal(server.replace, other), change


def test_what_may_change_changes(server, made):
    goal = made(GOAL)
    for change in ({"suspend": True}, {"approval": "Manual"}, {"budget": {"deadline": "90m"}}):
        assert server.merge(goal, {"spec": change})["metadata"]["generation"] == 2, change


@pytest.mark.parametrize("field", fields(Budget))
def test_a_budget_rises(server, made, field):
    goal = made(changed(GOAL, f"spec.budget.{field}", {"gpuHours": 2.5, "deadline": "90m"}.get(field, 3)))
    more, less = {"gpuHours": (2.6, 2), "deadline": ("2h", "1h")}.get(field, (4, 2))
    server.merge(goal, {"spec": {"budget": {field: more}}})
    sentence = f"budget.{field} may be raised, never lowered: what was promised may be spent already"
    assert sentence in refusal(server.merge, goal, {"spec": {"budget": {field: less}}})


def test_the_status_is_a_resource_of_its_own(server, made):
    goal = made(GOAL)
    spec = goal["spec"] | {"suspend": True}
    told = server.replace(goal | {"spec": spec, "status": {"phase": "Searching"}}, "", "status")
    assert told["status"] == {"phase": "Searching"} and told["spec"] == goal["spec"]
    assert told["metadata"]["generation"] == 1
    changed_spec = server.merge(told, {"spec": {"suspend": True}, "status": {"phase": "Achieved"}}, "")
    assert (changed_spec["status"]["phase"], changed_spec["metadata"]["generation"]) == ("Searching", 2)
    assert 'supported values: "Pending"' in refusal(
        server.merge, goal, {"status": {"phase": "Done"}}, subresource="status"
    )


def test_the_largest_goal_is_within_the_rules_cost(server, made):
    goal = changed(GOAL, "spec.goal", "g" * 2000)
    goal["spec"] |= {
        "dataset": {"name": "d" * 128}, "ttlAfterFinished": "1h" * 16, "profile": "p" * 63,
        "constraints": [{"metric": "parameters", "max": 1e300}] * 8,
        "deadlines": {"start": "1.000000s" * 3, "run": "0.1s" * 8}, "artifacts": {"store": "s" * 63},
        "planner": {"type": "LLM", "provider": "p" * 63, "model": "m" * 128},
        "budget": {"deadline": "1h" * 16, "experiments": 200, "tokens": 2**62},
    }  # fmt: skip
    there = made(goal)
    assert server.merge(there, {"spec": {"suspend": True}})["spec"]["suspend"] is True


def test_the_largest_experiment_is_within_the_rules_cost(server, made):
    experiment = copy.deepcopy(EXPERIMENT)
    experiment["spec"] |= {
        "seeds": list(range(2**53 - 100, 2**53)), "hypothesis": "h" * 1000, "change": "c" * 500,
        "expectedEffect": "e" * 500, "image": "i" * 512, "goal": "g" * 63, "dataset": {"name": "d" * 128},
        "model": {"layers": [{"type": "Linear", "layers": [{"name": "l" * 10_000}]}] * 64},
    }  # fmt: skip
    there = made(experiment)
    assert server.merge(there, {"spec": {"approved": False}})["spec"]["approved"] is False
