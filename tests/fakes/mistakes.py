"""Documents that are no resources: a good one with one value changed, and what is said of it on either side.

`served` is part of what an API server says that runs the schema's rules; `said` is Seedbed's own sentence.
"""
# ruff: noqa: E501 (a sentence stands on one line, as the user sees it)

import copy
from pathlib import Path

import yaml

from seedbed_runner.contract.metrics import METRICS

EXAMPLES = Path(__file__).parents[2] / "examples"
GOAL = yaml.safe_load((EXAMPLES / "digits.yaml").read_text())
EXPERIMENT = yaml.safe_load((EXAMPLES / "experiment.yaml").read_text())
MISSING = object()

ABOVE = "should be less than or equal to"
BELOW = "should be greater than or equal to"
NAME = "should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"
TARGET = "target must be at least 0 and below 1 for accuracy"
RELU = {"type": "ReLU"}


def changed(document, path, value):
    """A copy with one value changed, or left out; the path is as in `spec.seeds`."""
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


# (path, value, served, said)
GOALS = [
    ("metadata.name", "d" * 41, "metadata.name must have at most 40 characters", f"metadata.name: write a name of at most 40 lower-case letters, digits and dashes, not '{'d' * 37}...' (41 characters)"),
    ("metadata.name", "a.b", NAME, "metadata.name: write a name of at most 40 lower-case letters, digits and dashes, not 'a.b'"),
    ("spec.goal", MISSING, "spec.goal: Required value", "spec.goal: missing; write text of 1 to 2000 characters"),
    ("spec.goal", "g" * 2001, "spec.goal: Too long", f"spec.goal: write text of 1 to 2000 characters, not '{'g' * 37}...' (2001 characters)"),
    ("spec.objective.target", 1.3, TARGET, "spec.objective.target: `target` is 1.3 but accuracy must be in [0, 1]"),
    ("spec.objective.target", 1, TARGET, "spec.objective.target: `target` is 1, the best possible accuracy: it could be reached but never shown; write a smaller one"),
    ("spec.objective.target", -0.1, TARGET, "spec.objective.target: `target` is -0.1 but accuracy must be in [0, 1]"),
    ("spec.objective.target", "0.97", "must be of type number", "spec.objective.target: write a number, not '0.97'"),
    ("spec.objective.metric", "acuracy", 'supported values: "accuracy"', f"spec.objective.metric: 'acuracy' is no metric; there are: {', '.join(METRICS)}"),
    ("spec.objective.confidence", 0.9999, f"{ABOVE} 0.999", "spec.objective.confidence: write a number from 0.5 to 0.999, not 0.9999"),
    ("spec.dataset.split", {"test": 0.5, "validation": 0.4}, "must leave at least 0.2 to train on", "spec.dataset.split: test 0.5 + validation 0.4 leave less than 0.2 to train on"),
    ("spec.dataset.synthetic", {}, "synthetic goes with the dataset named synthetic only", "spec.dataset: `synthetic` goes with the dataset named synthetic, not with digits"),
    ("spec.dataset", {"name": "synthetic", "synthetic": {"classes": 20, "features": 4}}, "at least as many input values", "spec.dataset.synthetic: 20 classes need at least as many input values, not 4"),
    ("spec.dataset", {"name": "synthetic", "synthetic": {"bayesAccuracy": 0.4}}, "bayesAccuracy must be above 1 / classes", "spec.dataset.synthetic: bayesAccuracy is 0.4 but guessing among 2 classes gives 0.5"),
    ("spec.constraints", [{"metric": "latency", "max": 1}], 'supported values: "parameters", "latency_ms"', "spec.constraints[0].metric: write parameters or latency_ms, not 'latency'"),
    ("spec.constraints", [{"metric": "latency_ms", "max": 0}], "should be greater than 0", "spec.constraints[0].max: write a number above 0, not 0"),
    ("spec.constraints", [{"metric": "latency_ms", "max": 1}, {"metric": "latency_ms", "max": 2}], "constraints may bound latency_ms once", "spec: `constraints` bounds latency_ms twice: keep the smaller bound"),
    ("spec.objective.metric", "latency_ms", 'supported values: "accuracy"', f"spec.objective.metric: 'latency_ms' is no metric; there are: {', '.join(METRICS)}"),
    ("spec.constraints", [{"metric": "parameters", "max": 1}] * 9, "must have at most 8 items", "spec.constraints: write a list of at most 8 items, not a list of 9"),
    ("spec.objective", {"metric": "log_loss", "target": 0.3}, "direction must be Minimize for log_loss", "spec.objective.direction: `direction` is Maximize but a better log_loss is smaller: write Minimize"),
    ("spec.objective", {"metric": "log_loss", "direction": "Minimize", "target": 0}, "target must be at most 36.0437 and above 0 for log_loss", "spec.objective.target: `target` is 0, the best possible log_loss: it could be reached but never shown; write a larger one"),
    ("spec.objective", {"metric": "accuracy"}, "give exactly one of target and improvement", "spec.objective: give exactly one of target and improvement"),
    ("spec.objective", {"target": 97}, "target must be below 1", "spec.objective.target: `target` is 97 but must be at most 1; did you mean 0.97?"),
    ("spec.objective", {"target": 1}, "target must be below 1", "spec.objective.target: `target` is 1, the best possible value: it could be reached but never shown; write a smaller one"),
    ("spec.objective.improvement", {"over": "b", "by": 0.02}, "give exactly one of target and improvement", "spec.objective: give exactly one of target and improvement"),
    ("spec.objective", {"improvement": {"over": "b", "by": 0.02}, "estimand": "Population"}, "improvement goes with test Mean and estimand Benchmark", "spec.objective.improvement: `improvement` is a difference of means on this split: write test: Mean, estimand: Benchmark"),
    ("spec.objective", {"target": 0.9, "test": "Reliability", "estimand": "Population"}, "the estimand must be Benchmark", "spec.objective.test: `test` is Reliability, which speaks of seeds on this split: the estimand must be Benchmark"),
    ("spec.objective.also", [{"metric": "accuracy", "target": 0.9}], "also is to name further metrics", "spec.objective.also: `also` is to name further metrics, each once, and not that of the objective"),
    ("spec.objective.also", [{"metric": "f1_macro", "target": 1.0}], "target must be at least 0 and below 1 for f1_macro", "spec.objective.also[0].target: `target` is 1, the best possible f1_macro: it could be reached but never shown; write a smaller one"),
    ("spec.seeds", {"confirm": 34}, "seeds.confirm must be at most 12", "spec: `seeds.confirm` is 34 but a mean is looked at with 12 seeds at most: write 4 to 12"),
    ("spec.seeds.confirm", 3, f"{BELOW} 4", "spec.seeds.confirm: write a whole number from 4 to 100, not 3"),
    ("spec.seeds.root", -1, f"{BELOW} 0", "spec.seeds.root: write a whole number from 0 to 1000000, not -1"),
    ("spec.seeds.explore", 2.5, "must be of type int", "spec.seeds.explore: write a whole number from 1 to 5, not 2.5"),
    ("spec.planner.type", "Random", 'supported values: "Search"', "spec.planner.type: write Search or LLM, not 'Random'"),
    ("spec.budget.experiments", 201, f"{ABOVE} 200", "spec.budget.experiments: write a whole number from 1 to 200, not 201"),
    ("spec.budget.deadline", "20 minutes", "should match", "spec.budget.deadline: write a duration such as 90s, 20m or 1h30m, not '20 minutes'"),
    ("spec.budget.deadline", "9999999h", "deadline must be at most 8760h", "spec.budget.deadline: 9999999h is longer than a year: write at most 8760h"),
    ("spec.deadlines.run", "9000h", "run must be at most 8760h", "spec.deadlines.run: 9000h is longer than a year: write at most 8760h"),
    ("spec.ttlAfterFinished", "9000h", "ttlAfterFinished must be at most 8760h", "spec.ttlAfterFinished: 9000h is longer than a year: write at most 8760h"),
    ("spec.resources.memory", "2 GB", "should match", "spec.resources.memory: write an amount of memory such as 512Mi or 2Gi, not '2 GB'"),
    ("spec.resources.cpu", 0, "should be greater than 0", "spec.resources.cpu: write a number above 0 and at most 256, not 0"),
    ("spec.resources.gpus", 2, f"{ABOVE} 1", "spec.resources.gpus: write a whole number from 0 to 1, not 2"),
    ("spec.profile", "other/team", NAME, "spec.profile: write a name of at most 63 lower-case letters, digits and dashes, not 'other/team'"),
    ("spec.artifacts.store", "https://evil", NAME, "spec.artifacts.store: write a name of at most 63 lower-case letters, digits and dashes, not 'https://evil'"),
    ("spec.approval", "automatic", 'supported values: "Automatic"', "spec.approval: write Automatic or Manual, not 'automatic'"),
    ("spec.suspend", "yes", "must be of type boolean", "spec.suspend: write true or false, not 'yes'"),
]  # fmt: skip

EXPERIMENTS = [
    ("metadata.name", "e" * 64, "metadata.name must have at most 63 characters", f"metadata.name: write a name of at most 63 lower-case letters, digits and dashes, not '{'e' * 37}...' (64 characters)"),
    ("spec.seeds", [-1], f"{BELOW} 0", "spec.seeds[0]: write a whole number from 0 to 9007199254740991, not -1"),
    ("spec.seeds", [], "should have at least 1 items", "spec.seeds: write a list of 1 to 100 items, not an empty list"),
    ("spec.seeds", [1, 2, 1], "the same seed twice: each run needs a seed of its own", "spec.seeds: the same seed twice: each run needs a seed of its own"),
    ("spec.seeds", list(range(101)), "must have at most 100 items", "spec.seeds: write a list of 1 to 100 items, not a list of 101"),
    ("spec.model", {}, "give exactly one of layers, torchvision and source", "spec.model: give exactly one of `layers`, `torchvision` and `source`"),
    ("spec.model.torchvision", {"name": "resnet18"}, "give exactly one of layers, torchvision and source", "spec.model: give exactly one of `layers`, `torchvision` and `source`"),
    ("spec.model.source", "def build_model(input_shape, num_classes): return 1", "give exactly one of layers, torchvision and source", "spec.model: give exactly one of `layers`, `torchvision` and `source`"),
    ("spec.model", {"source": "#" * 32769}, "spec.model.source: Too long", f"spec.model.source: write text of 1 to 32768 characters, not '{'#' * 37}...' (32769 characters)"),
    ("spec.model", {"source": ""}, "should be at least 1 chars long", "spec.model.source: write text of 1 to 32768 characters, not ''"),
    ("spec.model.layers", [RELU] * 65, "must have at most 64 items", "spec.model.layers: write a list of 1 to 64 items, not a list of 65"),
    ("spec.model.layers", ["Flatten"], "must be of type object", "spec.model.layers[0]: write an object, not 'Flatten'"),
    ("spec.training.epochs", 0, f"{BELOW} 1", "spec.training.epochs: write a whole number from 1 to 10000, not 0"),
    ("spec.training.optimizer.type", "Adma", 'supported values: "SGD"', "spec.training.optimizer.type: write SGD, Adam or AdamW, not 'Adma'"),
    ("spec.dataHash", "abc", "should match", "spec.dataHash: write sha256: and 64 hex digits, not 'abc'"),
    ("spec.metric", "f2", 'supported values: "accuracy"', f"spec.metric: 'f2' is no metric; there are: {', '.join(METRICS)}"),
    ("spec.goal", "../digits", NAME, "spec.goal: write a name of at most 63 lower-case letters, digits and dashes, not '../digits'"),
    ("spec.deadlines.start", "9000h", "start must be at most 8760h", "spec.deadlines.start: 9000h is longer than a year: write at most 8760h"),
]  # fmt: skip

WRONG = [(GOAL, *each) for each in GOALS] + [(EXPERIMENT, *each) for each in EXPERIMENTS]

# What only a cluster's admin decides, or nobody: fields that no resource has.
UNKNOWN = [
    (GOAL, "spec.image", "evil:1"),
    (GOAL, "spec.namespace", "other-team"),
    (GOAL, "spec.nodeSelector", {"gpu": "all"}),
    (GOAL, "spec.artifacts.endpoint", "http://evil"),
    (GOAL, "spec.artifacts.secret", "other-teams-keys"),
    (GOAL, "spec.dataset.secretName", "other-teams-keys"),
    (GOAL, "spec.planner.endpoint", "http://evil"),
    (EXPERIMENT, "spec.command", ["sh"]),
    (EXPERIMENT, "spec.env", [{"name": "AWS_PROFILE", "value": "x"}]),
    (EXPERIMENT, "spec.serviceAccountName", "admin"),
    (EXPERIMENT, "spec.hostPath", "/"),
    (EXPERIMENT, "spec.volumes", [{"hostPath": {"path": "/"}}]),
    (EXPERIMENT, "spec.tolerations", [{"operator": "Exists"}]),
    (EXPERIMENT, "spec.resources.limits", {"cpu": "64"}),
    (EXPERIMENT, "spec.model.module", "os"),
]


def told(path, value):
    """An id for a parametrised test."""
    return f"{path}={'missing' if value is MISSING else str(value)[:12]}"
