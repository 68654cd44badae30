"""Every mistake with its path and the exact sentence."""
# ruff: noqa: E501 (a sentence stands on one line, as the user sees it)

import copy

import pytest
import yaml

from seedbed.api.explain import explain

GOAL = yaml.safe_load("""
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: digits}
spec:
  goal: Classify handwritten digits
  dataset: {name: digits}
  objective: {metric: accuracy, target: 0.97}
""")
EXPERIMENT = yaml.safe_load("""
apiVersion: seedbed.dev/v1alpha1
kind: Experiment
metadata: {name: one}
spec:
  dataset: {name: digits}
  model: {layers: [{type: Flatten}, {type: Linear, out_features: classes}]}
  seeds: [0, 1, 2]
""")
MISSING = object()


def changed(document, path, value):
    """A copy with one value changed; the path is as in `spec.seeds`."""
    document = copy.deepcopy(document)
    *above, last = path.split(".")
    place = document
    for key in above:
        place = place.setdefault(key, {})
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return document


def test_nothing_to_say_about_what_is_right():
    assert explain(GOAL) == [] and explain(EXPERIMENT) == []


GOAL_MISTAKES = [
    ("spec.budget", {"experimets": 3}, "spec.budget.experimets: unknown field; did you mean experiments?"),
    ("spec.budget", {"gpu_hours": 3}, "spec.budget.gpu_hours: unknown field; did you mean gpuHours?"),
    ("spec.seeds", {"x": 3}, "spec.seeds.x: unknown field; there are: explore, confirm, root"),
    ("spec.seeds", {"confirm": 3}, "spec.seeds.confirm: write a whole number from 4 to 12, not 3"),
    ("spec.seeds", {"explore": 2.5}, "spec.seeds.explore: write a whole number from 1 to 5, not 2.5"),
    ("spec.suspend", "yes", "spec.suspend: write true or false, not 'yes'"),
    ("spec.approval", "automatic", "spec.approval: write Automatic or Manual, not 'automatic'"),
    ("spec.deadlines", {"run": "soon"}, "spec.deadlines.run: write a duration such as 90s, 20m or 1h30m, not 'soon'"),
    ("spec.deadlines", {"run": 90}, "spec.deadlines.run: write a duration such as 90s, 20m or 1h30m, not 90"),
    ("spec.resources", {"memory": "2 GB"}, "spec.resources.memory: write an amount of memory such as 512Mi or 2Gi, not '2 GB'"),
    ("spec.resources", {"cpu": 0}, "spec.resources.cpu: write a number above 0 and at most 256, not 0"),
    ("spec.goal", MISSING, "spec.goal: missing; write text of 1 to 2000 characters"),
    ("spec", MISSING, "spec: missing; write an object with goal, dataset, objective"),
    ("spec", [], "spec: write an object with goal, dataset, objective, not an empty list"),
    ("metadata", {}, "metadata.name: missing; write a name of at most 40 lower-case letters, digits and dashes"),
    ("metadata.name", "Digits", "metadata.name: write a name of at most 40 lower-case letters, digits and dashes, not 'Digits'"),
    ("spec.objective.target", 97, "spec.objective.target: `target` is 97 but accuracy must be in [0, 1]; did you mean 0.97?"),
    ("spec.objective.target", -1, "spec.objective.target: `target` is -1 but accuracy must be in [0, 1]"),
    ("spec.objective.target", 1.0, "spec.objective.target: `target` is 1, the best possible accuracy: it could be reached but never shown; write a smaller one"),
    ("spec.objective.target", None, "spec.objective.target: write a number, not nothing"),
    ("spec.objective.target", "0.97", "spec.objective.target: write a number, not '0.97'"),
    ("spec.objective.target", float("nan"), "spec.objective.target: write a number, not nan"),
    ("spec.objective.metric", "acuracy", "spec.objective.metric: 'acuracy' is no metric; there are: accuracy, balanced_accuracy, f1_macro"),
    ("spec.constraints", [{"metric": "latency", "max": 1}], "spec.constraints[0].metric: write parameters, not 'latency'"),
    ("spec.dataset.name", "digit", "spec.dataset.name: there is no dataset 'digit'; did you mean digits? There are: breast_cancer, digits, iris, synthetic, wine"),
    ("spec.dataset.name", "cifar10", "spec.dataset.name: there is no dataset 'cifar10'; there are: breast_cancer, digits, iris, synthetic, wine"),
    ("spec.dataset", {"name": "iris", "synthetic": {}}, "spec.dataset: `synthetic` goes with the dataset named synthetic, not with iris"),
    ("spec.planner", {"type": "LLM"}, "spec.planner.type: the LLM planner is not available yet: use type: Search"),
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
    ("spec.seeds", [1, 2, 1], "spec.seeds: the same seed twice: each run needs a seed of its own"),
    ("spec.seeds", [], "spec.seeds: write a list of 1 to 100 items, not an empty list"),
    ("spec.seeds", [-1], "spec.seeds[0]: write a whole number from 0 to 9007199254740991, not -1"),
    ("spec.model", {}, "spec.model: give exactly one of `layers` and `torchvision`"),
    ("spec.model.layers", ["Flatten"], "spec.model.layers[0]: write an object, not 'Flatten'"),
    ("spec.training", {"optimizer": {"type": "Adma"}}, "spec.training.optimizer.type: write SGD, Adam or AdamW, not 'Adma'"),
    ("spec.dataHash", "abc", "spec.dataHash: write sha256: and 64 hex digits, not 'abc'"),
    ("spec.model.layers", [{"type": "Conv3d"}], "spec.model.layers[0].type: 'Conv3d' is no layer; did you mean Conv2d or Conv1d?"),
    ("spec.model.layers", [{"type": "Linear"}], "spec.model.layers[0].out_features: is missing; give a whole number from 1 to 65536, or `classes`"),
    ("spec.model", {"torchvision": {"name": "resnet17"}}, "spec.model.torchvision.name: 'resnet17' is no classifier known here; did you mean resnet18 or resnet50?"),
    ("spec.metric", "f1", "spec.metric: 'f1' is no metric; there are: accuracy, balanced_accuracy, f1_macro"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "sentence"), EXPERIMENT_MISTAKES)
def test_a_mistake_in_an_experiment(path, value, sentence):
    assert explain(changed(EXPERIMENT, path, value)) == [sentence]


def test_all_mistakes_come_at_once():
    document = changed(GOAL, "spec.seeds", {"confirm": 3})
    document = changed(changed(document, "spec.dataset.name", "wein"), "spec.planner", {"type": "LLM"})
    assert [problem.split(":")[0] for problem in explain(document)] == [
        "spec.seeds.confirm", "spec.dataset.name", "spec.planner.type",
    ]  # fmt: skip


@pytest.mark.parametrize("document", [5, "text", [GOAL], None])
def test_what_is_no_object(document):
    (sentence,) = explain(document)
    assert sentence.endswith("is no resource: write an object with apiVersion, kind, metadata and spec")


def test_a_status_is_not_looked_at():
    assert explain(GOAL | {"status": {"phase": "nonsense"}}) == []
