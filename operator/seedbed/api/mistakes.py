"""pydantic's findings in our words: one sentence a mistake, each with its path as it was written.

The words come from the model's schema, so that every sentence says what the field takes.
"""

import re
from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from seedbed.api.schema import Schema, structural_schema
from seedbed.api.words import shown, takes
from seedbed_runner.contract.layers.check import near

_NAMES_ITS_FIELD = re.compile(r"`(\w+)` is ")

Location = Sequence[str | int]


def sentences(model: type[BaseModel], error: ValidationError) -> list[str]:
    """What is wrong with a value that should have been a `model`."""
    found = (_sentence(model, mistake) for mistake in error.errors(include_url=False))
    return [sentence.removeprefix(": ") for sentence in found]


@cache
def _schema(model: type[BaseModel]) -> Schema:
    return structural_schema(model)


def _node(schema: Schema, location: Location) -> Schema:
    """The schema of what stands at a place; empty where nothing is declared."""
    for key in location:
        below = schema.get("items") if isinstance(key, int) else schema.get("properties", {}).get(key)
        schema = below or schema.get("additionalProperties") or {}
    return schema


def _path(location: Location) -> str:
    """`proposals[0].training.epochs`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location)
    return text.removeprefix(".")


def _sentence(model: type[BaseModel], mistake: ErrorDetails) -> str:
    location = mistake["loc"]
    path, node = _path(location), _node(_schema(model), location)
    if mistake["type"] == "value_error":
        sentence = str(mistake["ctx"]["error"])
        named = _NAMES_ITS_FIELD.match(sentence)
        return f"{path}.{named[1]}: {sentence}" if named else f"{path}: {sentence}"
    if mistake["type"] == "extra_forbidden":
        known = list(_node(_schema(model), location[:-1]).get("properties", {}))
        hint = near(str(location[-1]), known) or f"; there are: {', '.join(known)}"
        return f"{path}: unknown field{hint}"
    if mistake["type"] == "missing":
        return f"{path}: missing; write {takes(node)}"
    return f"{path}: write {takes(node)}, not {shown(mistake['input'])}"
