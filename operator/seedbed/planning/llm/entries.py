"""From what the journal keeps, entry by entry, to calls in their order: for people, reports and replays.

A damaged or missing entry is told in a sentence and its call left out: the rest is still worth reading.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from seedbed.api.common import Model
from seedbed.api.mistakes import sentences
from seedbed.errors import StorageFailed
from seedbed.planning.llm.journal import Call, Prompted, Replied
from seedbed.planning.llm.quoting import one_line

LONGEST_MISTAKE = 300  # characters
_NAME = re.compile(r"(?:^|/)e(\d{3})-(\d{2,})-(prompt|reply)\.json$")

Side = TypeVar("Side", Prompted, Replied)


@dataclass(frozen=True)
class Journal:
    """The calls of a goal, by proposal and number.

    Attributes:
        calls: each that was sent, or was about to be.
        unsent: each that failed before there was anything to send, such as for want of a provider.
        damaged: what can't be read, a sentence each.
    """

    calls: tuple[Call, ...] = ()
    unsent: tuple[Replied, ...] = ()
    damaged: tuple[str, ...] = ()


def label(index: int, call: int) -> str:
    """How people name a call: `e003-02`."""
    return f"e{index:03d}-{call:02d}"


def pair(entries: Mapping[str, bytes]) -> Journal:
    """The calls that entries tell of.

    Args:
        entries: bytes by key; what is no entry by its name is passed over.
    """
    keys: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for key in entries:
        if (name := _NAME.search(key)) is not None:
            keys[int(name[1]), int(name[2])][name[3]] = key
    calls, unsent, damaged = [], [], []
    for place in sorted(keys):
        try:
            found = _call(place, keys[place], entries)
        except StorageFailed as error:
            damaged.append(str(error))
            continue
        if isinstance(found, Call):
            calls.append(found)
        else:
            unsent.append(found)
    return Journal(tuple(calls), tuple(unsent), tuple(damaged))


def mistakes(model: type[Model], error: ValidationError) -> str:
    """What is wrong with an entry, on one line; entries hold what models wrote."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return one_line(f"no JSON, {first['ctx']['error']}", LONGEST_MISTAKE)
    return one_line("; ".join(sentences(model, error)[:3]), LONGEST_MISTAKE)


def _call(place: tuple[int, int], keys: Mapping[str, str], entries: Mapping[str, bytes]) -> Call | Replied:
    replied = _entry(Replied, keys["reply"], entries, place) if "reply" in keys else None
    if "prompt" in keys:
        return Call(prompted=_entry(Prompted, keys["prompt"], entries, place), replied=replied)
    if replied is None or replied.outcome != "Failed":
        raise StorageFailed(f"{keys['reply']} has no prompt beside it: put it back")
    return replied


def _entry(model: type[Side], key: str, entries: Mapping[str, bytes], place: tuple[int, int]) -> Side:
    try:
        entry = model.model_validate_json(entries[key])
    except ValidationError as error:
        raise StorageFailed(f"{key} is damaged: {mistakes(model, error)}") from None
    if (entry.index, entry.call) != place:
        raise StorageFailed(f"{key} is the entry of {label(entry.index, entry.call)}: put its own back")
    return entry
