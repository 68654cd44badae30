"""A recorded journal in the place of a model server: `research-agent run --replay FILE` plans with it.

`Recorded.ask` stands where `client.call` does and is told which call it is asked for, so that a goal that
takes the same way gets the same answers and the same failures, without waiting for any. Where the goal takes
another way (another version, another seed, a raised budget) the journal has no such call: `ReplayEnded`.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seedbed.api.goal import PlannerSpec
from seedbed.errors import InvalidInput
from seedbed.planning.llm import failures
from seedbed.planning.llm.capability import Capability, Message
from seedbed.planning.llm.client import BEST
from seedbed.planning.llm.entries import label, mistakes, pair
from seedbed.planning.llm.failures import Disconnected, ModelFailure, ReplayEnded, Unsupported
from seedbed.planning.llm.journal import Call, Replied
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.reply import Reply
from seedbed.planning.llm.usage import NOTHING, Usage

HOW = "write it with `research-agent journal GOAL --json > FILE`"
_KINDS = {name: kind for name, kind in vars(failures).items() if kind in ModelFailure.__subclasses__()}


class Recorded:
    """The calls of a journal, to be answered as they were.

    `differences` lists the calls, as (index, call), whose prompt was not the recorded one.
    """

    def __init__(self, calls: Iterable[Call]) -> None:
        self._calls = {(call.prompted.index, call.prompted.call): call for call in calls}
        self.differences: list[tuple[int, int]] = []

    async def ask(
        self,
        provider: Provider,
        messages: list[Message],
        schema: dict[str, Any],
        max_tokens: int,
        deadline: float,
        capability: Capability = BEST,
        *,
        index: int,
        call: int,
    ) -> Reply:
        """What the server gave in this call, at once; nothing is sent to anybody.

        Raises:
            ModelFailure: as it was recorded, with no wait; Disconnected for a call whose answer was lost,
                ReplayEnded where there is no such call.
        """
        recorded = self._calls.get((index, call))
        if recorded is not None and recorded.prompted.messages != messages:
            self.differences.append((index, call))
        if recorded is not None and recorded.replied is not None:
            return _answer(recorded, recorded.replied)
        last = max((made for proposal, made in self._calls if proposal == index), default=0)
        if call > last:
            raise ReplayEnded(f"the recorded journal holds no call {label(index, call)}")
        raise _lost(index, call, recorded)

    def provider(self, planner: PlannerSpec) -> Provider:
        """Who stands for the one that a goal names: nobody has to be set up where nobody is asked."""
        models = [call.prompted.model for call in self._calls.values()]
        model = planner.model or next(iter(models), "recorded")
        return Provider(name=planner.provider, base_url="http://replay.invalid/v1", model=model)

    def in_words(self) -> str | None:
        """What is to be said of the replay at its end; None when every prompt was the recorded one."""
        if not self.differences:
            return None
        names = ", ".join(label(*place) for place in self.differences[:5])
        more = f" and {len(self.differences) - 5} more" if len(self.differences) > 5 else ""
        return f"replay: other prompts than the recorded ones, answered all the same: {names}{more}"


def read_recorded(path: Path) -> Recorded:
    """The journal in a file of JSON lines, or in a folder as the laptop world keeps it.

    Raises:
        InvalidInput: it can't be read, is no journal, or holds no call.
    """
    try:
        calls = _of_folder(path) if path.is_dir() else _of_lines(path)
    except OSError as error:
        raise InvalidInput(f"{path}: can't read the journal: {error.strerror or error}") from None
    if not calls:
        raise InvalidInput(f"{path} holds no call to a planning LLM: {HOW}")
    for call in calls:
        _check(path, call)
    return Recorded(calls)


def _of_folder(path: Path) -> list[Call]:
    """Of a goal's folder, or of `journal` in it."""
    place = path / "journal" if (path / "journal").is_dir() else path
    found = pair({file.name: file.read_bytes() for file in sorted(place.glob("e*-*.json"))})
    if found.damaged:
        raise InvalidInput("\n".join(f"{place}: {sentence}" for sentence in found.damaged))
    return list(found.calls)


def _of_lines(path: Path) -> list[Call]:
    calls: dict[tuple[int, int], Call] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            call = Call.model_validate_json(line)
        except ValidationError as error:
            raise InvalidInput(f"{where}: no call of a journal ({mistakes(Call, error)}): {HOW}") from None
        place = call.prompted.index, call.prompted.call
        if place in calls:
            raise InvalidInput(f"{where}: {label(*place)} is there twice: {HOW}")
        calls[place] = call
    return list(calls.values())


def _check(path: Path, call: Call) -> None:
    """What a journal that was written by Seedbed never lacks."""
    prompted, replied = call.prompted, call.replied
    if replied is None:
        return
    name = label(prompted.index, prompted.call)
    if (replied.index, replied.call) != (prompted.index, prompted.call):
        raise InvalidInput(f"{path}: {name} has the reply of {label(replied.index, replied.call)}: {HOW}")
    if replied.outcome != "Failed" and replied.text is None:
        raise InvalidInput(f"{path}: the reply of {name} has no `text`: {HOW}")
    if replied.outcome == "Failed" and replied.reason not in _KINDS:
        known = ", ".join(_KINDS)
        given = json.dumps(replied.reason)
        raise InvalidInput(f"{path}: the `reason` of {name} is {given}, none of: {known}")


def _lost(index: int, call: int, recorded: Call | None) -> ModelFailure:
    """It may have cost all that it could."""
    usage = NOTHING
    if recorded is not None:
        usage = Usage(recorded.prompted.prompt_tokens, recorded.prompted.max_tokens, estimated=True)
    sentence = f"the answer of the recorded call {label(index, call)} was lost"
    return _at_once(Disconnected(sentence, usage=usage))


def _answer(call: Call, replied: Replied) -> Reply:
    usage = Usage(replied.prompt_tokens, replied.completion_tokens, replied.estimated)
    reply = None
    if replied.text is not None:
        reply = Reply(
            text=replied.text,
            usage=usage,
            latency=replied.latency,
            model=replied.answered_by or call.prompted.model,
            finish_reason=replied.finish_reason or "unknown",
            mode=call.prompted.capability.format,
        )
    if reply is not None and replied.outcome != "Failed":
        return reply
    raise _failure(call, replied, usage, reply)


def _failure(call: Call, replied: Replied, usage: Usage, reply: Reply | None) -> ModelFailure:
    kind, sentence = _KINDS[replied.reason or ""], replied.message or ""
    if kind is Unsupported:
        return Unsupported(sentence, replied.learned or call.prompted.capability)
    failure = kind(sentence, usage=usage, reply=reply)
    return _at_once(failure) if replied.wait is not None else failure


def _at_once(failure: ModelFailure) -> ModelFailure:
    """The same failure, after which nobody need wait: what it waited for is long over."""
    vars(failure)["wait"] = lambda attempt, key: 0.0
    return failure
