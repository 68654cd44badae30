"""What the runner offers, as lines for a prompt and as JSON schema: read off the tables that it checks by.

A layer's arguments are declared by readers, with their rule in words (`contract.layers.arguments`). The
schema of an argument is found by asking its reader, so it can't promise what the reader refuses.
"""

import re
from collections.abc import Iterator
from typing import Any

from seedbed.api.schema import Schema, structural_schema
from seedbed.api.training import Training
from seedbed.api.words import takes
from seedbed_runner.contract.layers import TORCHVISION, LayerError, torchvision_classifier
from seedbed_runner.contract.layers.arguments import LAYERS, REQUIRED, Argument, Kind, Unreadable
from seedbed_runner.contract.layers.layertype import LayerType
from seedbed_runner.contract.layers.table import TABLE
from seedbed_runner.contract.records import Card

LAYER = {"$ref": "#/$defs/layer"}  # containers hold layers again

_PROBES: dict[str, Any] = {"boolean": True, "number": 0.5, "integer": 1}
_LISTS = ([1], [1, 1], [1, 1, 1])


def offered_layers(card: Card) -> dict[str, LayerType]:
    """The layer types by name that can be of use on the data: those for texts, or for images and tables."""
    return {name: kind for name, kind in TABLE.items() if _is_of_use(kind, card)}


def _is_of_use(kind: LayerType, card: Card) -> bool:
    if card.kind == "text":
        return kind.ranks != (3,)
    return kind.integers != "needed" and not kind.needs_positions


def offered_classifiers(card: Card) -> list[str]:
    """Names of the torchvision classifiers that can take the data's items."""
    return [name for name in TORCHVISION if _fits(name, card)]


def _fits(name: str, card: Card) -> bool:
    try:
        torchvision_classifier(name, card.input_shape)
    except LayerError:
        return False
    return True


def layer_schema(card: Card) -> Schema:
    """One layer: an alternative for each type, every argument given, null for its default."""
    return {"anyOf": [_type_schema(name, kind) for name, kind in offered_layers(card).items()]}


def _type_schema(name: str, kind: LayerType) -> Schema:
    arguments = {key: _argument_schema(argument) for key, argument in kind.arguments.items()}
    properties = {"type": {"type": "string", "enum": [name]}, **arguments}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _argument_schema(argument: Argument) -> Schema:
    alternatives = list(_alternatives(argument.kind))
    if argument.default is not REQUIRED:
        alternatives.append({"type": "null"})
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _alternatives(kind: Kind) -> Iterator[Schema]:
    """A schema for each JSON type of which the kind's reader takes a value."""
    if kind is LAYERS:
        yield {"type": "array", "items": LAYER}
        return
    if found := next((name for name, probe in _PROBES.items() if _reads(kind, probe)), None):
        yield {"type": found}
    if any(_reads(kind, probe) for probe in _LISTS):
        yield {"type": "array", "items": {"type": "integer"}}
    words = [word for word in re.findall(r"\w+", kind.rule) if _reads(kind, word)]
    if words:
        yield {"type": "string", "enum": words}


def _reads(kind: Kind, value: Any) -> bool:
    try:
        kind.read(value)
    except Unreadable:
        return False
    return True


def layer_lines(card: Card) -> list[str]:
    """`Linear: out_features (…), bias (…; default true)`; types with the same arguments share a line."""
    by_arguments: dict[str, list[str]] = {}
    for name, kind in offered_layers(card).items():
        by_arguments.setdefault(_arguments_in_words(kind), []).append(name)
    return [f"{', '.join(names)}: {words or 'no arguments'}" for words, names in by_arguments.items()]


def _arguments_in_words(kind: LayerType) -> str:
    return ", ".join(f"{name} ({_rule(argument)})" for name, argument in kind.arguments.items())


def _rule(argument: Argument) -> str:
    rule = argument.kind.rule.replace("a whole number from", "whole,").replace("a number from", "number,")
    if argument.default is REQUIRED:
        return rule
    return f"{rule}; default {_shown(argument.default)}"


def _shown(default: Any) -> str:
    """A default as one would write it; a default of None is another argument's value (a pooling's stride)."""
    if default is None:
        return "the kernel's size"
    if isinstance(default, bool):
        return str(default).lower()
    return str(default[0] if isinstance(default, tuple) else default)


def training_lines() -> list[str]:
    """`optimizer.lr: a number above 0 and at most 10; default 0.001`, for every field of `training`."""
    return list(_field_lines(structural_schema(Training), ""))


def _field_lines(node: Schema, path: str) -> Iterator[str]:
    for name, field in node["properties"].items():
        where = f"{path}{name}"
        if "properties" not in field:
            yield f"{where}: {takes(field)}{_otherwise(field)}{_note(field)}"
            continue
        if "default" not in field:
            yield f"{where}: null for none{_note(field)}, or an object with"
        yield from _field_lines(field, f"{where}.")


def _otherwise(field: Schema) -> str:
    return f"; default {field['default']}" if "default" in field else "; default null"


def _note(field: Schema) -> str:
    words = " ".join(field.get("description", "").split()).rstrip(".")
    return f" ({words})" if words else ""
