"""What a field takes, and what was given instead, in words: the parts of `explain`'s sentences."""

from typing import Any

from seedbed.api.common import (
    DURATION_PATTERN,
    MEMORY_PATTERN,
    NAME_PATTERN,
    OWNER_NAME_PATTERN,
    UID_PATTERN,
)
from seedbed.api.schema import Schema

_PATTERNS = {
    DURATION_PATTERN: "a duration such as 90s, 20m or 1h30m",
    MEMORY_PATTERN: "an amount of memory such as 512Mi or 2Gi",
    OWNER_NAME_PATTERN: "a name without slashes",
    UID_PATTERN: "a UID of letters, digits and dashes",
    r"^sha256:[0-9a-f]{64}$": "sha256: and 64 hex digits",
    r"^[A-Za-z0-9][A-Za-z0-9_./:-]*$": "the name of a dataset",
    r"^[a-z0-9_]+$": "the name of one of torchvision's classifiers",
}


def takes(node: Schema) -> str:
    """What a field with this schema takes, to follow `write`."""
    if values := node.get("enum"):
        return str(values[0]) if len(values) == 1 else f"{', '.join(map(str, values[:-1]))} or {values[-1]}"
    if node.get("pattern") == NAME_PATTERN:
        return f"a name of at most {node['maxLength']} lower-case letters, digits and dashes"
    if words := _PATTERNS.get(node.get("pattern", "")):
        return words
    match node.get("type"):
        case "integer":
            return f"a whole number{_range(node)}"
        case "number":
            return f"a number{_range(node)}"
        case "boolean":
            return "true or false"
        case "string":
            return f"text{_count(node, 'Length', 'characters')}"
        case "array":
            return f"a list{_count(node, 'Items', 'items')}"
    names = node.get("required") or list(node.get("properties", ()))
    return f"an object with {', '.join(names)}" if names else "an object"


def _range(node: Schema) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    if low is not None and high is not None and not above and not below:
        return f" from {low} to {high}"
    parts = [f"{'above' if above else 'at least'} {low}"] if low is not None else []
    parts += [f"{'below' if below else 'at most'} {high}"] if high is not None else []
    return f" {' and '.join(parts)}" if parts else ""


def _count(node: Schema, what: str, unit: str) -> str:
    low, high = node.get(f"min{what}", 0), node[f"max{what}"]
    return f" of {low} to {high} {unit}" if low else f" of at most {high} {unit}"


def shown(value: Any) -> str:
    """What was given: short, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case str():
            return repr(value) if len(value) <= 40 else f"{value[:37] + '...'!r} ({len(value)} characters)"
    return str(value)[:40]
