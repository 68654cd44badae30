"""The JSON schema of an answer, as servers with strict structured outputs take it.

Strict mode wants every field required (an optional one may be null), `additionalProperties: false`, and an
object at the root; it knows no `oneOf` and no lengths of strings, and servers differ in what they know of
ranges and counts (fine-tuned models of OpenAI, other servers' grammars). So only what all of them know is
used: `KEYWORDS`. Ranges are said in descriptions and in the prompt, and checked when the answer is read.
"""

from typing import Any

from seedbed.api.schema import Schema, structural_schema
from seedbed.api.words import takes
from seedbed.planning.llm.answer import Answer
from seedbed.planning.llm.offer import Offer
from seedbed.planning.llm.vocabulary import LAYER, layer_schema, offered_classifiers
from seedbed_runner.contract.records import Card

NAME = "answer"  # of the schema, in `response_format`
KEYWORDS = frozenset({
    "type", "enum", "properties", "required", "additionalProperties", "items", "anyOf", "description", "$ref",
    "$defs",
})  # fmt: skip


def answer_schema(card: Card, offer: Offer) -> Schema:
    """The strict schema of one answer about this data.

    Only what is offered is in it: classifiers that fit the data's items, code, resources of its own.
    """
    root = _strict(structural_schema(Answer))
    proposal = root["properties"]["proposals"]["items"]
    proposal["properties"]["model"] = _model(card, offer)
    if offer.caps is None:
        del proposal["properties"]["resources"]
        proposal["required"].remove("resources")
    return {**root, "$defs": {"layer": layer_schema(card)}}


def response_format(card: Card, offer: Offer) -> dict[str, Any]:
    """The same as the `response_format` of a chat completion."""
    schema = answer_schema(card, offer)
    return {"type": "json_schema", "json_schema": {"name": NAME, "strict": True, "schema": schema}}


def _model(card: Card, offer: Offer) -> Schema:
    """Exactly one way to say what to train."""
    ways: dict[str, Schema] = {"layers": {"type": "array", "items": LAYER}}
    if classifiers := offered_classifiers(card):
        ways["torchvision"] = _object({"name": {"type": "string", "enum": classifiers}})
    if offer.code:
        ways["source"] = {"type": "string", "description": "the text of a PyTorch module"}
    return {"anyOf": [_object({name: node}) for name, node in ways.items()]}


def _strict(node: Schema) -> Schema:
    """A node of the models' schema with the keywords that strict servers know."""
    if "properties" in node:
        required = node.get("required", ())
        fields = node["properties"].items()
        return _object({name: _field(field, name in required) for name, field in fields})
    if node["type"] == "array":
        return {"type": "array", "items": _strict(node["items"]), "description": _described(node)}
    return {key: node[key] for key in ("type", "enum") if key in node} | {"description": _described(node)}


def _field(node: Schema, required: bool) -> Schema:
    """A field that may be left out in a resource, without a default, is one that may be null here."""
    if required or "default" in node:
        return _strict(node)
    return {"anyOf": [_strict(node), {"type": "null"}]}


def _described(node: Schema) -> str:
    own = " ".join(node.get("description", "").split())
    return f"{own} {takes(node)}".strip()


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
