"""Every mistake with its path and the exact sentence."""
# ruff: noqa: E501 (a sentence stands on one line, as the user sees it)

import pytest

from fakes.mistakes import EXPERIMENT, GOAL, MISSING, UNKNOWN, WRONG, changed, told
from fakes.sources import MLP
from seedbed.api.explain import explain
from seedbed_runner.contract.datasets import dataset_forms, dataset_names

DATASETS = ", ".join([*dataset_names(), *dataset_forms()])


def test_nothing_to_say_about_what_is_right():
    assert explain(GOAL) == [] and explain(EXPERIMENT) == []


@pytest.mark.parametrize(
    ("sample", "path", "value", "served", "said"),
    WRONG,
    ids=[told(path, value) for _, path, value, *_ in WRONG],
)
def test_what_an_api_server_refuses_too(sample, path, value, served, said):
    assert explain(changed(sample, path, value)) == [said]


@pytest.mark.parametrize(("sample", "path", "value"), UNKNOWN)
def test_a_field_that_no_resource_has(sample, path, value):
    (sentence,) = explain(changed(sample, path, value))
    assert sentence.startswith(f"{path}: unknown field; ")


GOAL_MISTAKES = [
    ("spec.budget", {"experimets": 3}, "spec.budget.experimets: unknown field; did you mean experiments?"),
    ("spec.budget", {"gpu_hours": 3}, "spec.budget.gpu_hours: unknown field; did you mean gpuHours?"),
    ("spec.seeds", {"x": 3}, "spec.seeds.x: unknown field; there are: explore, confirm, root"),
    ("spec.deadlines", {"run": "soon"}, "spec.deadlines.run: write a duration such as 90s, 20m or 1h30m, not 'soon'"),
    ("spec.deadlines", {"run": 90}, "spec.deadlines.run: write a duration such as 90s, 20m or 1h30m, not 90"),
    ("spec", MISSING, "spec: missing; write an object with goal, dataset, objective"),
    ("spec", [], "spec: write an object with goal, dataset, objective, not an empty list"),
    ("metadata", {}, "metadata.name: missing; write a name of at most 40 lower-case letters, digits and dashes"),
    ("metadata.name", "Digits", "metadata.name: write a name of at most 40 lower-case letters, digits and dashes, not 'Digits'"),
    ("spec.objective.target", 97, "spec.objective.target: `target` is 97 but accuracy must be in [0, 1]; did you mean 0.97?"),
    ("spec.objective.target", None, "spec.objective: give exactly one of target and improvement"),
    ("spec.objective.target", float("nan"), "spec.objective.target: write a number, not nan"),
    ("spec.dataset.name", "digit", f"spec.dataset.name: there is no dataset 'digit'; did you mean digits? There are: {DATASETS}"),
    ("spec.dataset.name", "xyzzy", f"spec.dataset.name: there is no dataset 'xyzzy'; there are: {DATASETS}"),
    ("spec.planner", {"type": "Llm"}, "spec.planner.type: write Search or LLM, not 'Llm'"),
    ("apiVersion", "seedbed.dev/v1", "apiVersion: 'seedbed.dev/v1' is not known here; write seedbed.dev/v1alpha1"),
    ("apiVersion", MISSING, "apiVersion: missing; write seedbed.dev/v1alpha1"),
    ("kind", "Goal", "kind: 'Goal' is not known here; write ResearchGoal or Experiment"),
    ("kind", MISSING, "kind: missing; write ResearchGoal or Experiment"),
    ("speck", {}, "speck: unknown field; did you mean spec?"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "sentence"), GOAL_MISTAKES)
def test_a_mistake_in_a_goal(path, value, sentence):
    assert explain(changed(GOAL, path, value)) == [sentence]


EXPERIMENT_MISTAKES = [
    ("spec.model.layers", [{"type": "Conv3d"}], "spec.model.layers[0].type: 'Conv3d' is no layer; did you mean Conv2d or Conv1d?"),
    ("spec.model.layers", [{"type": "Linear"}], "spec.model.layers[0].out_features: is missing; give a whole number from 1 to 65536, or `classes`"),
    ("spec.model", {"torchvision": {"name": "resnet17"}}, "spec.model.torchvision.name: 'resnet17' is no classifier known here; did you mean resnet18 or resnet50?"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "sentence"), EXPERIMENT_MISTAKES)
def test_a_mistake_in_an_experiment(path, value, sentence):
    assert explain(changed(EXPERIMENT, path, value)) == [sentence]


def test_a_model_as_code_is_read_line_by_line():
    assert explain(changed(EXPERIMENT, "spec.model", {"source": MLP})) == []
    wrong = MLP.replace("import math", "import os").replace("(input_shape, num_classes):", "(shape):")
    said = [
        sentence.split(": ")[:3] for sentence in explain(changed(EXPERIMENT, "spec.model", {"source": wrong}))
    ]
    assert said == [
        ["spec.model.source", "line 4", "Import"],
        ["spec.model.source", "line 25", "Interface"],
        *(["spec.model.source", "line 26", "Undefined"],) * 3,
    ]


def test_all_mistakes_come_at_once():
    document = changed(GOAL, "spec.seeds", {"confirm": 3})
    document = changed(changed(document, "spec.dataset.name", "wein"), "spec.planner", {"type": "Llm"})
    assert [problem.split(":")[0] for problem in explain(document)] == [
        "spec.seeds.confirm", "spec.planner.type", "spec.dataset.name",
    ]  # fmt: skip


@pytest.mark.parametrize("document", [5, "text", [GOAL], None])
def test_what_is_no_object(document):
    (sentence,) = explain(document)
    assert sentence.endswith("is no resource: write an object with apiVersion, kind, metadata and spec")


def test_a_status_is_not_looked_at():
    assert explain(GOAL | {"status": {"phase": "nonsense"}}) == []
