"""An answer that came whole: read from its bytes, and refused where nothing can be made of it.

Read here and not by the SDK, which takes any JSON for an answer and raises whatever happens on the rest.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from seedbed.planning.llm.asked import LONGEST_QUOTE, Asked
from seedbed.planning.llm.capability import Format
from seedbed.planning.llm.failures import (
    ContentFiltered,
    Empty,
    Garbled,
    ModelFailure,
    Oversized,
    Refused,
    Truncated,
)
from seedbed.planning.llm.quoting import one_line
from seedbed.planning.llm.usage import Usage, counted

LONGEST_TEXT = 64_000  # characters; a proposal with the largest source is well below


@dataclass(frozen=True)
class Reply:
    """What the model said; `mode` is the format that was asked for, which not every server honours.

    `latency` is in seconds; `model` is the server's own word for it.
    """

    text: str
    usage: Usage
    latency: float
    model: str
    finish_reason: str
    mode: Format

    @property
    def prompt_tokens(self) -> int:
        """Of the prompt; an upper bound where `usage.estimated`."""
        return self.usage.prompt_tokens

    @property
    def completion_tokens(self) -> int:
        """Of the answer; an upper bound where `usage.estimated`."""
        return self.usage.completion_tokens


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: Any = None


def read(body: bytes, asked: Asked, latency: float) -> Reply:
    """The reply in the body of a status 200.

    Args:
        body: at most as long as the transport lets through.
        asked: the call.
        latency: seconds from the request to the last byte.

    Raises:
        ModelFailure: Garbled, Refused, ContentFiltered, Truncated, Empty or Oversized.
    """
    try:
        completion = _Completion.model_validate(json.loads(body))
    except (ValidationError, ValueError, RecursionError):
        said = asked.quote(body)
        raise Garbled(
            f"{asked.label} answered something that is no chat completion: {said}", usage=asked.most
        ) from None
    choice = completion.choices[0]
    reply = Reply(
        # A lone surrogate is legal in JSON and can't be stored as UTF-8.
        text=(choice.message.content or "").encode(errors="replace").decode(),
        usage=counted(completion.usage, asked.most),
        latency=latency,
        model=one_line(completion.model or asked.model, LONGEST_QUOTE),
        finish_reason=one_line(choice.finish_reason or "unknown", LONGEST_QUOTE),
        mode=asked.capability.format,
    )
    _refuse_unusable(reply, choice.message.refusal, asked)
    return reply


def _refuse_unusable(reply: Reply, refusal: str | None, asked: Asked) -> None:
    failure: type[ModelFailure]
    if refusal:
        failure, what = Refused, f"declined: {asked.quote(refusal)}"
    elif reply.finish_reason == "content_filter":
        failure, what = ContentFiltered, "stopped its answer by a content filter"
    elif reply.finish_reason == "length":
        failure, what = Truncated, f"was cut off after {reply.completion_tokens} tokens"
    elif not reply.text.strip():
        failure, what = Empty, f"answered no text (it ended with {reply.finish_reason})"
    elif len(reply.text) > LONGEST_TEXT:
        failure, what = Oversized, f"answered {len(reply.text)} characters, of at most {LONGEST_TEXT}"
    else:
        return
    raise failure(f"{asked.label} {what}", reply=reply)
