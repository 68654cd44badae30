"""From the text of a reply to the JSON object in it.

A server with structured outputs or a JSON mode sends nothing but JSON. Any other model is asked for a fenced
block, and often thinks aloud before it, with blocks of its own: the last one counts. Fences are CommonMark's,
so they are found by a CommonMark parser, markdown-it-py, which is kept and comes with rich anyway. Nothing is
repaired here, as libraries for broken JSON would do: they complete what was cut short by guessing, and an
experiment that nobody proposed is worse than asking once more.
"""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from markdown_it import MarkdownIt

MAX_BYTES = 64_000
MAX_DEPTH = 24  # the deepest answer that can be right has 15 levels
_NOT_NEEDED = ["inline", "html_block", "list", "reference"]  # tags hide fences; long lists take long
FORM = "write one JSON object and nothing else"


class Unreadable(ValueError):
    """A reply without an answer in it; the message is a sentence for the one who wrote it."""


def json_object(text: str) -> dict[str, Any]:
    """The one JSON object of a reply.

    Raises:
        Unreadable: too long, no JSON, not an object, too deep, a key twice, or a number that is none.
    """
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise Unreadable(
            f"the answer is longer than the {MAX_BYTES:,} bytes that are read: write a shorter one"
        )
    if not text.strip():
        raise Unreadable(f"the answer is empty: {FORM}")
    value = _parsed(text if text.lstrip().startswith("{") else _fenced(text))
    if not isinstance(value, dict):
        raise Unreadable(f"the answer is JSON but no object: {FORM}")
    if _deeper_than(value, MAX_DEPTH):
        raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep: write a flatter one")
    return value


def _fenced(text: str) -> str:
    """What is in the last fenced block."""
    tokens = MarkdownIt("commonmark").disable(_NOT_NEEDED).parse(text)
    blocks = [token.content for token in tokens if token.type == "fence"]
    if not blocks:
        raise Unreadable(f"there is no JSON in the answer: {FORM}")
    return blocks[-1]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except Unreadable:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut = ", where the text ends" if error.pos >= len(text.rstrip()) else ""
        raise Unreadable(f"the answer is not JSON ({error.msg}, {where}{cut}): {FORM}") from None
    except RecursionError:
        raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep: write a flatter one") from None
    except ValueError:  # a whole number of thousands of digits
        raise Unreadable("the answer holds a number with too many digits: write a shorter one") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Unreadable(f"the answer gives {repeated[:40]!r} twice in one object: give it once")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"the answer holds {name}, which is no JSON number: write a finite one")


def _deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside: Iterable[Any] = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper_than(item, levels - 1) for item in inside)
