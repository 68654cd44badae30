"""The CRDs are what the models give, and Kubernetes' dialect holds in every corner of them."""

from pathlib import Path

import pytest
import yaml

from seedbed.api import Experiment, ResearchGoal, crds
from seedbed.api.cel import fields
from seedbed.api.experiment import ExperimentSpec
from seedbed.api.goal import Budget, GoalSpec
from seedbed_runner.contract.metrics import METRICS

FOLDER = Path(__file__).parents[2] / "crds"
KINDS = [ResearchGoal, Experiment]


def nodes(schema, path=""):
    """Every node of a schema with its path."""
    yield path, schema
    for name, below in schema.get("properties", {}).items():
        yield from nodes(below, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from nodes(schema[key], f"{path}[]")


def spec_schema(kind):
    return crds.resource_schema(kind)["properties"]["spec"]


def test_the_files_are_up_to_date():
    assert crds.stale(FOLDER) == [], "run `make crds`"


def test_a_stale_or_missing_file_is_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["crds", "--write", str(tmp_path)])
    assert crds.main() == 0 and crds.stale(tmp_path) == []
    (tmp_path / "experiments.yaml").write_text("kind: nonsense\n")
    (tmp_path / "researchgoals.yaml").unlink()
    monkeypatch.setattr("sys.argv", ["crds", "--check", str(tmp_path)])
    assert crds.main() == 1
    assert capsys.readouterr().out.count("is stale: run `make crds`") == 2


@pytest.mark.parametrize(
    ("kind", "plural", "short"), [(ResearchGoal, "researchgoals", "rg"), (Experiment, "experiments", "exp")]
)
def test_names_and_scope(kind, plural, short):
    crd = yaml.safe_load((FOLDER / f"{plural}.yaml").read_text())
    assert crd["metadata"]["name"] == f"{plural}.seedbed.dev"
    assert crd["spec"]["scope"] == "Namespaced"
    assert crd["spec"]["names"]["shortNames"] == [short]
    assert crd["spec"]["names"]["categories"] == ["seedbed"]
    (version,) = crd["spec"]["versions"]
    assert (version["name"], version["subresources"]) == ("v1alpha1", {"status": {}})


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_structural(kind):
    for path, node in nodes(crds.resource_schema(kind)):
        assert "type" in node or "x-kubernetes-preserve-unknown-fields" in node, path
        assert not {"$ref", "$defs", "anyOf", "title", "const", "uniqueItems"} & set(node), path
        assert isinstance(node.get("exclusiveMinimum", True), bool), path
        assert not {"properties", "additionalProperties"} <= set(node), path


@pytest.mark.parametrize("kind", KINDS)
def test_every_string_list_and_map_is_capped(kind):
    for path, node in nodes(crds.resource_schema(kind)):
        if path in (".apiVersion", ".kind", ".metadata.name"):
            continue  # the API server's own
        if node.get("type") == "string":
            assert "maxLength" in node or "enum" in node, path
        if node.get("type") == "array":
            assert "maxItems" in node, path
        if "additionalProperties" in node:
            assert "maxProperties" in node, path


def model_defaults(model, path=""):
    """Every default of a model, by its path in documents: (path, JSON value)."""
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}"
        default = field.get_default(call_default_factory=True)
        if default not in (None, "") and not field.is_required():
            yield here, default.document() if hasattr(default, "document") else default
        inner = [kind for kind in (field.annotation, *getattr(field.annotation, "__args__", ())) if kind]
        for kind in inner:
            if isinstance(kind, type) and hasattr(kind, "model_fields"):
                listed = "[]" if getattr(field.annotation, "__origin__", None) is list else ""
                yield from model_defaults(kind, here + listed)


@pytest.mark.parametrize(("kind", "model"), [(ResearchGoal, GoalSpec), (Experiment, ExperimentSpec)])
def test_every_default_of_the_model_is_the_schemas(kind, model):
    in_schema = {path: node["default"] for path, node in nodes(spec_schema(kind)) if "default" in node}
    assert in_schema == dict(model_defaults(model))
    assert len(in_schema) > 30


@pytest.mark.parametrize("kind", KINDS)
def test_status_has_no_defaults(kind):
    status = crds.resource_schema(kind)["properties"]["status"]
    assert not [path for path, node in nodes(status) if "default" in node]


def test_layers_keep_what_the_schema_does_not_know():
    layers = spec_schema(Experiment)["properties"]["model"]["properties"]["layers"]
    assert layers["items"] == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def rules_at(schema):
    return {rule.get("fieldPath", ""): rule for rule in schema["x-kubernetes-validations"]}


def test_a_goal_is_fixed_but_for_suspend_approval_and_a_rising_budget():
    rules = spec_schema(ResearchGoal)["x-kubernetes-validations"]
    fixed = {rule["fieldPath"][1:] for rule in rules if "can't be changed" in rule["message"]}
    assert fixed == set(fields(GoalSpec)) - {"suspend", "approval", "budget"}
    rising = [rule for rule in rules if "never lowered" in rule["message"]]
    assert [rule["message"].split()[0] for rule in rising] == [f"budget.{name}" for name in fields(Budget)]
    assert all("has(oldSelf." in rule["rule"] for rule in rules if "oldSelf" in rule["rule"])


def test_an_experiment_is_fixed_but_for_its_approval():
    rules = spec_schema(Experiment)["x-kubernetes-validations"]
    assert {rule["fieldPath"][1:] for rule in rules} == set(fields(ExperimentSpec)) - {"approved"}


def test_transition_rules_stand_on_spec_only():
    for kind in KINDS:
        for path, node in nodes(crds.resource_schema(kind)):
            for rule in node.get("x-kubernetes-validations", []):
                assert "oldSelf" not in rule["rule"] or path == ".spec", path


def test_what_validators_refuse_has_its_rule():
    goal, experiment = spec_schema(ResearchGoal)["properties"], spec_schema(Experiment)["properties"]
    targets = [
        r["rule"] for r in goal["objective"]["x-kubernetes-validations"] if r.get("fieldPath") == ".target"
    ]
    assert len(targets) == len(METRICS) + 1 and "self.target < 1.0" in targets[0]
    assert "> 0.0" in targets[list(METRICS).index("log_loss")]
    assert not any("inf" in rule for rule in targets)
    assert (
        rules_at(goal["dataset"])[".synthetic"]["rule"] == "!has(self.synthetic) || self.name == 'synthetic'"
    )
    assert (
        rules_at(goal["dataset"]["properties"]["split"])[""]["rule"] == "self.test + self.validation <= 0.8"
    )
    assert len(goal["dataset"]["properties"]["synthetic"]["x-kubernetes-validations"]) == 2
    ways = "[has(self.layers), has(self.torchvision), has(self.source)].exists_one(way, way)"
    assert rules_at(experiment["model"])[""]["rule"] == ways
    assert "exists_one" in rules_at(experiment["seeds"])[""]["rule"]
    assert rules_at(crds.resource_schema(ResearchGoal))[""]["rule"] == "self.metadata.name.size() <= 40"


@pytest.mark.parametrize("kind", KINDS)
def test_printer_columns_point_at_declared_fields(kind):
    schema = crds.resource_schema(kind)
    declared = {path for path, _ in nodes(schema)}
    (version,) = crds.build_crd(kind)["spec"]["versions"]
    for column in version["additionalPrinterColumns"]:
        path = column["jsonPath"].replace('[?(@.type=="DatasetReady")]', "[]")
        assert path in declared | {".metadata.creationTimestamp"}, path


def test_no_word_is_a_truth_value_to_a_reader_of_yaml_1_1():
    for _, content in crds.crd_files():
        for line in content.splitlines():
            words = line.replace(":", " ").replace("-", " ").split()
            assert not {word.lower() for word in words if len(words) <= 2} & {"n", "y"}, line
