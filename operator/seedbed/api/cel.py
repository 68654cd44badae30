"""The rules that a schema can't say, in CEL: the API server checks them where the models' validators can't.

`crds` puts them into the CRDs, keyed by the model at whose place in the document they stand. Each mirrors a
validator of that model, but for the transition rules: those stand on `spec`, never on its fields, since a
rule on an optional field is skipped when the field appears or goes.
"""

import math
from typing import Any

from pydantic import BaseModel

from seedbed.api.common import LONGEST
from seedbed.api.experiment import ExperimentSpec
from seedbed.api.goal import Budget, GoalSpec
from seedbed.api.objective import HIGHEST
from seedbed_runner.contract.metrics import METRICS, Metric

Rule = dict[str, Any]
BOUND = max(metric.bound for metric in METRICS.values())


def fields(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as documents write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _unchanged(field: str, advice: str) -> Rule:
    """`field` stays as it was, whether it is there or not."""
    new, old = f"self.{field}", f"oldSelf.{field}"
    same = f"has({new}) == has({old}) && (!has({new}) || {new} == {old})"
    return {"rule": same, "message": f"{field} can't be changed: {advice}", "fieldPath": f".{field}"}


def _only_rises(field: str) -> Rule:
    """A field of the budget is at least what it was; durations are compared as such."""
    new, old = f"self.budget.{field}", f"oldSelf.budget.{field}"
    there = f"has(self.budget) && has(oldSelf.budget) && has({new}) && has({old})"
    risen = f"duration({new}) >= duration({old})" if field == "deadline" else f"{new} >= {old}"
    message = f"budget.{field} may be raised, never lowered: what was promised may be spent already"
    return {"rule": f"{there} && {risen}", "message": message, "fieldPath": ".budget"}


def _within_a_year(field: str) -> Rule:
    """A duration that CEL can't take fails here at the creation, not in a transition rule ever after."""
    return {
        "rule": f"!has(self.{field}) || duration(self.{field}) <= duration('{LONGEST}')",
        "message": f"{field} must be at most {LONGEST}",
        "fieldPath": f".{field}",
    }


def _other_than(metric: Metric) -> str:
    """Another metric is named, or none: the data's own is known, and its bounds held, with their card."""
    return f"!has(self.metric) || self.metric != '{metric.name}'"


def _target_is_within(metric: Metric, may_be_bound: str = "false") -> Rule:
    """The mean of a target at the bound could be reached but never shown (STATISTICS section 2.1)."""
    worst, bound = f"{metric.worst!r}", f"{metric.bound!r}"
    at, inside, side = (
        (">=", "<", "below") if metric.direction == "Maximize" else ("<=", ">", "above")
    )  # fmt: skip
    within = f"(self.target {inside} {bound} || ({may_be_bound} && self.target == {bound}))"
    message = f"target must be {side} {metric.bound:g}"
    if math.isfinite(metric.worst):
        within = f"self.target {at} {worst} && {within}"
        least = "least" if at == ">=" else "most"
        message = f"target must be at {least} {metric.worst:g} and {side} {metric.bound:g}"
    return {
        "rule": f"{_other_than(metric)} || !has(self.target) || ({within})",
        "message": f"{message} for {metric.name}",
        "fieldPath": ".target",
    }


def _direction_is(metric: Metric) -> Rule:
    return {
        "rule": f"{_other_than(metric)} || self.direction == '{metric.direction}'",
        "message": f"direction must be {metric.direction} for {metric.name}",
        "fieldPath": ".direction",
    }


def _columns_are_others(field: str) -> Rule:
    """Columns to learn from: each once, and never the target."""
    columns = f"self.{field}"
    once = f"{columns}.all(each, {columns}.exists_one(other, other == each))"
    return {
        "rule": f"!has({columns}) || ((!has(self.target) || !(self.target in {columns})) && {once})",
        "message": f"{field} must name each column once, and not the target",
        "fieldPath": f".{field}",
    }


# Of a metric that is not known yet.
_TARGET_OF_SOME: Rule = {
    "rule": "has(self.metric) || self.direction != 'Maximize' || !has(self.target) || "
    f"self.target < {HIGHEST!r} || (self.test == 'Reliability' && self.target == {HIGHEST!r})",
    "message": f"target must be below {HIGHEST:g}",
    "fieldPath": ".target",
}
_COUNTING = [metric.name for metric in METRICS.values() if metric.counts_items]
_CEILING: Rule = {
    "rule": f"!has(self.ceiling) || (self.ceiling <= {BOUND!r} && self.ceiling >= 0.0 && "
    f"(!has(self.target) || self.ceiling >= self.target) && "
    f"(!has(self.metric) || self.metric in {_COUNTING}))",
    "message": f"ceiling must be at least the target and at most {BOUND:g}, of a metric that counts items",
    "fieldPath": ".ceiling",
}


def _name_is_short(length: int) -> Rule:
    message = f"metadata.name must have at most {length} characters"
    return {"rule": f"self.metadata.name.size() <= {length}", "message": message}


RULES: dict[str, list[Rule]] = {
    "ResearchGoal": [_name_is_short(40)],
    "Experiment": [_name_is_short(63)],
    "GoalSpec": [
        *(
            _unchanged(field, "only suspend, approval and a rising budget can; make another goal")
            for field in fields(GoalSpec)
            if field not in ("suspend", "approval", "budget")
        ),
        *(_only_rises(field) for field in fields(Budget)),
        _within_a_year("ttlAfterFinished"),
        {
            "rule": "self.objective.test == 'Reliability' || !has(self.seeds) || self.seeds.confirm <= 12",
            "message": "seeds.confirm must be at most 12: a mean is looked at with 12 seeds at most",
            "fieldPath": ".seeds",
        },
        {
            "rule": "!has(self.constraints) || "
            "self.constraints.filter(each, each.metric == 'latency_ms').size() <= 1",
            "message": "constraints may bound latency_ms once",
            "fieldPath": ".constraints",
        },
    ],
    "Budget": [_within_a_year("deadline")],
    "Deadlines": [_within_a_year("start"), _within_a_year("run")],
    "ExperimentSpec": [
        _unchanged(field, "only approved can; make another experiment")
        for field in fields(ExperimentSpec)
        if field != "approved"
    ],
    "DataSplit": [
        {
            "rule": "self.test + self.validation <= 0.8",
            "message": "test and validation together must leave at least 0.2 to train on",
        }
    ],
    "Dataset": [
        {
            "rule": "!has(self.synthetic) || self.name == 'synthetic'",
            "message": "synthetic goes with the dataset named synthetic only",
            "fieldPath": ".synthetic",
        },
        {
            "rule": "!has(self.features) || !has(self.text)",
            "message": "give features for a table or text for texts, not both",
        },
        *map(_columns_are_others, ("features", "text")),
    ],
    "Synthetic": [
        {
            "rule": "self.kind == 'text' || "
            "(self.kind == 'tabular' ? self.features : self.size * self.size) >= self.classes",
            "message": "there must be at least as many input values (features, or size x size) as classes",
        },
        {
            "rule": "self.bayesAccuracy * double(self.classes) > 1.0",
            "message": "bayesAccuracy must be above 1 / classes, which guessing gives",
            "fieldPath": ".bayesAccuracy",
        },
    ],
    "Objective": [
        *(_target_is_within(metric, "self.test == 'Reliability'") for metric in METRICS.values()),
        _TARGET_OF_SOME,
        *(_direction_is(metric) for metric in METRICS.values()),
        {
            "rule": "has(self.target) != has(self.improvement)",
            "message": "give exactly one of target and improvement",
        },
        {
            "rule": "!has(self.also) || self.also.all(each, "
            "(!has(self.metric) || each.metric != self.metric) && "
            "self.also.exists_one(other, other.metric == each.metric))",
            "message": "also is to name further metrics, each once, and not that of the objective",
            "fieldPath": ".also",
        },
        {
            "rule": "self.test == 'Mean' || self.estimand == 'Benchmark'",
            "message": "Reliability speaks of seeds on this split: the estimand must be Benchmark",
            "fieldPath": ".estimand",
        },
        {
            "rule": "!has(self.improvement) || (self.test == 'Mean' && self.estimand == 'Benchmark')",
            "message": "improvement goes with test Mean and estimand Benchmark",
            "fieldPath": ".improvement",
        },
        _CEILING,
    ],
    "FurtherTarget": [_target_is_within(metric) for metric in METRICS.values()],
    "ModelSpec": [
        {
            "rule": "[has(self.layers), has(self.torchvision), has(self.source)].exists_one(way, way)",
            "message": "give exactly one of layers, torchvision and source",
        }
    ],
}

# Stands on an Experiment's list of seeds (`uniqueItems` is forbidden in CRDs).
DISTINCT: Rule = {
    "rule": "self.all(seed, self.exists_one(other, other == seed))",
    "message": "the same seed twice: each run needs a seed of its own",
}
