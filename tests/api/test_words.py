import pytest

from seedbed.api.common import DURATION_PATTERN, MEMORY_PATTERN, NAME_PATTERN
from seedbed.api.words import shown, takes


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"enum": ["a"]}, "a"),
        ({"enum": ["a", "b", "c"]}, "a, b or c"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, "a whole number from 1 to 5"),
        ({"type": "integer", "minimum": 0}, "a whole number at least 0"),
        ({"type": "number"}, "a number"),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
            "a number above 0 and at most 1",
        ),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, "a number below 1"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string", "maxLength": 9}, "text of at most 9 characters"),
        ({"type": "string", "minLength": 1, "maxLength": 9}, "text of 1 to 9 characters"),
        ({"type": "array", "minItems": 1, "maxItems": 3}, "a list of 1 to 3 items"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "an object with a, b"),
        ({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"]}, "an object with b"),
        ({"type": "object"}, "an object"),
        ({"type": "string", "pattern": DURATION_PATTERN}, "a duration such as 90s, 20m or 1h30m"),
        ({"type": "string", "pattern": MEMORY_PATTERN}, "an amount of memory such as 512Mi or 2Gi"),
        (
            {"type": "string", "pattern": NAME_PATTERN, "maxLength": 40},
            "a name of at most 40 lower-case letters, digits and dashes",
        ),
    ],
)
def test_what_a_field_takes(node, words):
    assert takes(node) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "nothing"), (True, "true"), (3, "3"), (0.5, "0.5"), ({}, "an object"), ([], "an empty list"),
     ([1], "a list of 1"), ("x", "'x'"), ("y" * 50, "'" + "y" * 37 + "...' (50 characters)"),
     ("a\nb", "'a\\nb'")],
)  # fmt: skip
def test_what_was_given(value, text):
    assert shown(value) == text
