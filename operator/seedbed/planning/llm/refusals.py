"""What a status other than 200 means: from the status, the headers and the server's own words to a failure.

`client` calls it. The words matter as much as the status: servers disagree on the status (an unknown model is
404 at OpenAI and 400 at LiteLLM; a prompt that is too long 400, 413 or 500) but little on what they say.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from seedbed.planning.llm.asked import Asked
from seedbed.planning.llm.failures import (
    LONGEST_WAIT,
    BadKey,
    BadRequest,
    ContentFiltered,
    ModelFailure,
    NoSuchModel,
    QuotaSpent,
    RateLimited,
    ServerFailed,
    TimedOut,
    TooLong,
    Unsupported,
    WrongAddress,
)
from seedbed.planning.llm.usage import NOTHING

_LONGEST = 20_000  # bytes to look at: patterns are slow on a megabyte
_NEVER_RAN = (503, 529)  # overloaded, or still loading the model: other 5xx may come after it answered
_QUOTA = re.compile(r"insufficient_quota|insufficient.balance|exceeded your current quota|billing", re.I)
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context.?(length|size|window)|maximum model length|"
    r"max_tokens must be at least 1|prompt is too long|input token count|request too large|reduce the length",
    re.I,
)
_FILTERED = re.compile(r"content_filter|content.?policy|content management policy", re.I)
_NO_MODEL = re.compile(
    r"model_not_found|(invalid|unknown) model|model\b.{0,220}?(not found|not exist|not a valid)|"
    r"not a valid model|not have access to (the )?model",
    re.I,
)


def refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    asked: Asked,
) -> ModelFailure:
    """The failure that this answer is.

    Args:
        status: of HTTP, anything but 200.
        headers: with keys that don't mind case.
        body: at most as long as the transport lets through.
        asked: the call.
    """
    message, words = _said(body)
    lesser = asked.capability.lesser(status, words)
    kind = _kind(status, words, lesser is not None)
    # Of a refused key, servers repeat parts.
    quoted = "" if kind is BadKey else asked.quote(message)
    said = f": {quoted}" if quoted else ""
    sentence = f"{asked.label} answered status {status}{said}"
    if kind is Unsupported and lesser is not None:
        return Unsupported(sentence, lesser)
    may_have_run = kind in (ServerFailed, TimedOut) and status not in _NEVER_RAN
    wait = retry_after(headers, datetime.now(UTC))
    return kind(sentence, usage=asked.most if may_have_run else NOTHING, retry_after=wait)


def _kind(status: int, words: str, refuses: bool) -> type[ModelFailure]:
    # From the surest sign to the weakest: a message about one thing often names another in passing.
    if status == 402 or (status == 429 and _QUOTA.search(words)):
        return QuotaSpent
    if status == 413 or (status >= 400 and _TOO_LONG.search(words)):
        return TooLong
    if status == 429:
        return RateLimited
    if status in (400, 403, 404, 422) and _NO_MODEL.search(words):
        return NoSuchModel
    if status in (401, 403):
        return BadKey
    if status < 500 and _FILTERED.search(words):
        return ContentFiltered
    if refuses and (status in (400, 422) or status >= 500):
        return Unsupported
    if status >= 500:
        return ServerFailed
    if status == 408:
        return TimedOut
    return WrongAddress if status < 400 or status in (404, 405) else BadRequest


def _said(body: bytes) -> tuple[str, str]:
    """The server's message, and all its words: with code, type and parameter."""
    text = body[:_LONGEST].decode(errors="replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text, text
    error: Any = document.get("error", document) if isinstance(document, dict) else document
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return message if isinstance(message, str) else json.dumps(message), text


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the server asks: `retry-after-ms`, `Retry-After` in seconds or as a date; capped."""
    milliseconds, text = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    for number, unit in ((milliseconds, 0.001), (text, 1.0)):
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", number):
            return min(LONGEST_WAIT, float(number) * unit)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(LONGEST_WAIT, max(0.0, (until - now).total_seconds()))
