"""The same fault in the words of different servers."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from seedbed.planning.llm.asked import Asked
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.failures import ModelFailure, Unsupported
from seedbed.planning.llm.refusals import refusal, retry_after
from seedbed.planning.llm.usage import NOTHING, Usage

MOST = Usage(100, 200, estimated=True)


def refused(status: int, body: Any, **capability: Any) -> ModelFailure:
    asked = Asked("provider p", "m", Capability(**capability), MOST, "")
    content = body if isinstance(body, str) else json.dumps(body)
    return refusal(status, {}, content.encode(), asked)


def openai(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def vllm(message: str, code: int = 400) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": code}


REFUSED_SCHEMAS = [
    (400, openai("Invalid schema for response_format 'a': In context=(), 'required' is required")),
    (400, vllm("The provided JSON schema contains features not supported by xgrammar.")),
    (400, vllm("[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type')}]")),
    (400, openai("Failed to initialize samplers: failed to parse grammar")),
    (422, {"detail": [{"loc": ["body", "response_format"], "msg": "unexpected value"}]}),
    (500, openai('response_format type must be one of "text" or "json_object", but got: json_schema')),
]


@pytest.mark.parametrize(("status", "body"), REFUSED_SCHEMAS)
def test_a_refused_schema_is_known_by_the_words(status: int, body: Any) -> None:
    failure = refused(status, body)
    assert isinstance(failure, Unsupported)
    assert failure.capability == Capability(format="JsonObject")
    assert failure.usage == NOTHING


@pytest.mark.parametrize(
    "message", ["Internal server error", "Failed to parse grammar output", "json_schema: null"]
)
def test_a_broken_server_proves_nothing(message: str) -> None:
    failure = refused(500, openai(message))
    assert failure.reason == "ServerFailed"
    assert failure.usage == MOST


def test_nothing_is_less_than_plain_text() -> None:
    assert refused(400, openai("response_format is not supported"), format="Text").reason == "BadRequest"
    assert (
        refused(400, openai("no max_completion_tokens"), limit="max_completion_tokens").reason == "BadRequest"
    )


OTHERS = [
    ("NoSuchModel", 404, openai('model "llama9" not found, try pulling it first')),
    ("NoSuchModel", 404, vllm("The model `m` does not exist.", 404)),
    (
        "NoSuchModel",
        400,
        openai("Invalid model name passed in model=m. Call `/v1/models` to view available models"),
    ),
    ("NoSuchModel", 403, openai("Project `p` does not have access to model `m`", "model_not_found")),
    ("BadKey", 401, openai("Incorrect API key provided")),
    ("BadKey", 403, "Forbidden"),
    ("QuotaSpent", 402, openai("Insufficient Balance")),
    ("RateLimited", 429, "slow down"),
    ("TooLong", 429, openai("Request too large for m on tokens per min (TPM): Limit 10000, Requested 12000")),
    ("TooLong", 413, "<html>413 Request Entity Too Large</html>"),
    ("TooLong", 500, openai("the request exceeds the available context size", "exceed_context_size_error")),
    ("TooLong", 400, vllm("max_tokens must be at least 1, got -186.")),
    ("ContentFiltered", 400, openai("litellm.ContentPolicyViolationError", "content_policy_violation")),
    ("WrongAddress", 404, {"detail": "Not Found"}),
    ("WrongAddress", 405, ""),
    ("TimedOut", 408, "litellm.Timeout"),
    ("ServerFailed", 529, openai("overloaded")),
    ("ServerFailed", 502, "<html>Bad Gateway</html>"),
    ("BadRequest", 400, {"error": "roles must alternate"}),
    ("BadRequest", 418, "[" * 50_000),
]


@pytest.mark.parametrize(("reason", "status", "body"), OTHERS)
def test_the_reason_whatever_the_dialect(reason: str, status: int, body: Any) -> None:
    failure = refused(status, body)
    assert failure.reason == reason
    assert str(failure).startswith(f"provider p answered status {status}")
    assert len(str(failure)) < 300
    may_have_run = reason in ("ServerFailed", "TimedOut") and status != 529
    assert failure.usage == (MOST if may_have_run else NOTHING)


def test_long_words_cost_no_time() -> None:
    started = time.process_time()
    assert refused(500, "response_format " * 60_000).reason == "ServerFailed"
    assert time.process_time() - started < 1


NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Tue, 24 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "86400"}, 600.0),
        ({"retry-after": "Tue, 24 Nov 2099 12:00:00 GMT"}, 600.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
