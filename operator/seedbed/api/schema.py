"""The models' JSON schema in the dialect of Kubernetes: structural, with every reference written out.

`crds` wraps it into the CRDs; `explain` reads off it what a field takes. Kubernetes knows OpenAPI 3.0 only:
no `$ref`, no `anyOf` with null (an optional field is left out), no `const`, boolean exclusive bounds, and no
`additionalProperties: false` (unknown fields are pruned, or refused with `--validate=strict`).
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import WithDefaultSchema

Schema = dict[str, Any]
Rules = dict[str, list[dict[str, Any]]]

_KEPT = (
    "type", "format", "description", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "minItems", "maxItems", "required",
)  # fmt: skip

# Caps for what the models leave open. The cost of a CEL rule is reckoned from the largest possible value.
MAX_LENGTH, MAX_ITEMS, MAX_PROPERTIES = 1024, 200, 256


def structural_schema(model: type[BaseModel], rules: Rules | None = None, defaults: bool = True) -> Schema:
    """The schema of a model in documents.

    Args:
        model: a resource, or a part of one.
        rules: CEL rules by the name of the model where they stand.
        defaults: keep the models' defaults, for the API server to fill in.
    """
    raw = model.model_json_schema(by_alias=True, schema_generator=_WithFactories)
    return _Writer(raw.pop("$defs", {}), rules or {}, defaults).write(raw)


class _WithFactories(GenerateJsonSchema):
    """Pydantic's generator, which leaves out what a factory makes: an empty list is a default too."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        factory = schema.get("default_factory")
        return factory() if factory else super().get_default_value(schema)  # type: ignore[call-arg]


class _Writer:
    """Writes one node of a schema after the other, resolving references by `definitions`."""

    def __init__(self, definitions: dict[str, Schema], rules: Rules, defaults: bool) -> None:
        self._definitions = definitions
        self._rules = rules
        self._defaults = defaults

    def write(self, node: Schema) -> Schema:
        """One node and all below it."""
        node = self._resolved(node)
        written = {key: node[key] for key in _KEPT if key in node}
        if "const" in node:
            written["enum"] = [node["const"]]
        if self._defaults and node.get("default") not in (None, ""):  # "" is null to servers before 1.21
            written["default"] = _without_null(node["default"])
        for side in ("Minimum", "Maximum"):
            if (limit := node.get(f"exclusive{side}")) is not None:
                written |= {side.lower(): limit, f"exclusive{side}": True}
        self._capped(written)
        self._containers(node, written)
        if rules := self._rules.get(node.get("title", "")):
            written["x-kubernetes-validations"] = [dict(rule) for rule in rules]
        return written

    def _resolved(self, node: Schema) -> Schema:
        """The node with its reference followed and the alternative null left out; its own keys win."""
        node = dict(node)
        if alternatives := node.pop("anyOf", None):
            (alternative,) = [one for one in alternatives if one.get("type") != "null"]
            node = self._resolved(alternative) | {key: value for key, value in node.items() if key != "title"}
        if reference := node.pop("$ref", None):
            node = self._resolved(self._definitions[reference.removeprefix("#/$defs/")]) | node
        return node

    def _capped(self, written: Schema) -> None:
        kind = written.get("type")
        if kind == "integer":
            written["format"] = "int64"
        if kind == "string" and "enum" not in written:
            written.setdefault("maxLength", MAX_LENGTH)
        if kind == "array":
            written.setdefault("maxItems", MAX_ITEMS)

    def _containers(self, node: Schema, written: Schema) -> None:
        """Properties and items; an object of free values keeps what nobody declared."""
        if "items" in node:
            written["items"] = self.write(node["items"])
        if "properties" in node:
            written["properties"] = {name: self.write(value) for name, value in node["properties"].items()}
        elif written.get("type") == "object":
            values = node.get("additionalProperties")
            if isinstance(values, dict) and "type" in values:
                written |= {"additionalProperties": self.write(values), "maxProperties": MAX_PROPERTIES}
            else:
                written["x-kubernetes-preserve-unknown-fields"] = True


def _without_null(value: Any) -> Any:
    """`value` with the fields that are null left out, as documents leave them out."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return value
