"""What is wrong with a document, one sentence a mistake, each with its path as the user wrote it.

pydantic finds the mistakes; the words come from the schema, so that every sentence says what the field
takes. What no schema can say (is there such a dataset, can the target be shown, do the layers make sense)
is checked beside it on the raw document, so that all mistakes come at once.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from seedbed.api.experiment import Experiment
from seedbed.api.goal import ResearchGoal
from seedbed.api.schema import Schema, structural_schema
from seedbed.api.source import check as check_source
from seedbed.api.words import shown, takes
from seedbed_runner.contract.datasets import loader_of, unknown_dataset
from seedbed_runner.contract.layers import LayerError, check, torchvision_classifier
from seedbed_runner.contract.layers.check import near
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.source import MAX_BYTES

KINDS: dict[str, type[ResearchGoal] | type[Experiment]] = {
    "ResearchGoal": ResearchGoal,
    "Experiment": Experiment,
}
_API_VERSION = "seedbed.dev/v1alpha1"
_NAMES_ITS_FIELD = re.compile(r"`(\w+)` is ")

Location = Sequence[str | int]


def explain(document: Any) -> list[str]:
    """Every mistake in one document; empty when it is a resource.

    A `status` is not looked at: it is the world's to write.
    """
    if not isinstance(document, dict):
        return [f"{shown(document)} is no resource: write an object with apiVersion, kind, metadata and spec"]
    problems = list(_header_problems(document))
    kind = KINDS.get(str(document.get("kind")))
    if kind is None:
        return problems
    content = {key: value for key, value in document.items() if key not in ("status", "apiVersion")}
    try:
        kind.model_validate(content, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        problems += [_sentence(kind, mistake) for mistake in error.errors(include_url=False)]
    return problems + list(_content_problems(document))


def _header_problems(document: dict[Any, Any]) -> Iterator[str]:
    if (version := document.get("apiVersion")) != _API_VERSION:
        yield f"apiVersion: {_instead(version)}write {_API_VERSION}"
    if (kind := document.get("kind")) not in KINDS:
        yield f"kind: {_instead(kind)}write ResearchGoal or Experiment"


def _instead(value: Any) -> str:
    return "missing; " if value is None else f"{shown(value)} is not known here; "


@cache
def _schema(kind: type[ResearchGoal] | type[Experiment]) -> Schema:
    return structural_schema(kind)


def _node(schema: Schema, location: Location) -> Schema:
    """The schema of what stands at a place in the document; empty where nothing is declared."""
    for key in location:
        below = schema.get("items") if isinstance(key, int) else schema.get("properties", {}).get(key)
        schema = below or schema.get("additionalProperties") or {}
    return schema


def _path(location: Location) -> str:
    """`spec.model.layers[2].type`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location)
    return text.removeprefix(".")


def _sentence(kind: type[ResearchGoal] | type[Experiment], mistake: ErrorDetails) -> str:
    """One of pydantic's findings in our words."""
    location = mistake["loc"]
    path, node = _path(location), _node(_schema(kind), location)
    if mistake["type"] == "value_error":
        sentence = str(mistake["ctx"]["error"])
        named = _NAMES_ITS_FIELD.match(sentence)
        return f"{path}.{named[1]}: {sentence}" if named else f"{path}: {sentence}"
    if mistake["type"] == "extra_forbidden":
        return _unknown_field(kind, location)
    if mistake["type"] == "missing":
        return f"{path}: missing; write {takes(node)}"
    return f"{path}: write {takes(node)}, not {shown(mistake['input'])}"


def _unknown_field(kind: type[ResearchGoal] | type[Experiment], location: Location) -> str:
    known = list(_node(_schema(kind), location[:-1]).get("properties", {}))
    hint = near(str(location[-1]), known) or f"; there are: {', '.join(known)}"
    return f"{_path(location)}: unknown field{hint}"


def _at(document: Any, *path: str) -> Any:
    """The value at a path of the raw document, or None."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _content_problems(document: dict[str, Any]) -> Iterator[str]:
    """What the models can't know."""
    name = _at(document, "spec", "dataset", "name")
    if isinstance(name, str) and loader_of(name) is None:
        yield f"spec.dataset.name: {unknown_dataset(name)}"
    yield from _unshowable(_at(document, "spec", "objective"))
    yield from model_problems(_at(document, "spec", "model"))


def _unshowable(objective: Any) -> Iterator[str]:
    """Targets that are the best possible value: no mean can be shown to reach one."""
    others = _at(objective, "also")
    places = [(f".also[{i}]", each) for i, each in enumerate(others if isinstance(others, list) else [])]
    if _at(objective, "test") != "Reliability":
        places.insert(0, ("", objective))
    for place, one in places:
        named = _at(one, "metric")
        metric = METRICS.get(str(named or "accuracy"))  # unnamed: its bound is that of all to be maximized
        if metric and _at(one, "target") == metric.bound:
            other = "smaller" if metric.direction == "Maximize" else "larger"
            yield (
                f"spec.objective{place}.target: `target` is {metric.bound:g}, the best possible "
                f"{metric.name if named else 'value'}: it could be reached but never shown; "
                f"write a {other} one"
            )


def model_problems(model: Any) -> Iterator[str]:
    """What is wrong with `spec.model` of a document beyond its form, which is the schema's to check."""
    layers, classifier = _at(model, "layers"), _at(model, "torchvision", "name")
    if isinstance(layers, list) and layers and all(isinstance(layer, dict) for layer in layers):
        yield from (f"spec.model.{problem}" for problem in check(layers))
    if isinstance(classifier, str):
        try:
            torchvision_classifier(classifier)
        except LayerError as error:
            yield f"spec.model.{error}"
    if isinstance(source := _at(model, "source"), str) and 0 < len(source) <= MAX_BYTES:
        yield from (f"spec.model.source: {finding}" for finding in check_source(source))
