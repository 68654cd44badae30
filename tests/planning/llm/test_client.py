"""Each way a call can end, over real HTTP by the real SDK."""

import logging
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.scripted import Scenario, ScriptedServer, Turn
from seedbed.errors import PlannerFailed
from seedbed.planning import llm
from seedbed.planning.llm import failures
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.client import ask
from seedbed.planning.llm.failures import ModelFailure, Unsupported
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.reply import Reply

KEY = "sk-secret-0123456789"
MESSAGES = [{"role": "system", "content": "You propose."}, {"role": "user", "content": "What next? ü"}]
SCHEMA = {"title": "An answer", "type": "object", "properties": {"answer": {"type": "string"}}}
PROMPT = sum(len(each["content"].encode()) for each in MESSAGES)
FINE = '{"answer": "fine"}'


def call(server: ScriptedServer, deadline: float = 5.0, key: str = KEY, **capability: Any) -> Reply:
    provider = Provider(base_url=server.url, model="a-model", key=key)
    return ask(provider, MESSAGES, SCHEMA, 500, deadline, Capability(**capability))


def failed(server: ScriptedServer, **options: Any) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        call(server, **options)
    return caught.value


def test_a_reply_says_what_it_is_and_what_it_cost() -> None:
    with ScriptedServer(Scenario("", [Turn(content={"answer": "fine"}, after=0.05)])) as server:
        reply = call(server)
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == (FINE, 120, 30)
    assert (reply.model, reply.finish_reason, reply.mode) == ("a-model", "stop", "JsonSchema")
    assert 0.05 <= reply.latency < 5
    assert not reply.usage.estimated
    [sent] = server.calls
    assert sent.key == KEY
    assert sent.request["messages"] == MESSAGES
    assert sent.request["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "An_answer", "strict": True, "schema": SCHEMA},
    }  # fmt: skip
    assert sent.request["max_tokens"] == 500


def test_an_unknown_cost_is_the_largest_possible() -> None:
    with ScriptedServer("no-usage") as server:
        usage = call(server).usage
    assert usage.estimated
    assert usage.completion_tokens == 500
    assert PROMPT < usage.prompt_tokens < PROMPT + 500


@dataclass(frozen=True)
class Expected:
    reason: str
    scenario: str
    says: str
    again: bool = False
    most: bool = False  # whether it may have cost as much as it can cost
    skipped: int = 0  # turns of the scenario before it


EXPECTED = [
    Expected("RateLimited", "rate-limited", "status 429: Rate limit reached", again=True),
    Expected("QuotaSpent", "quota-spent", "exceeded your current quota"),
    Expected("ServerFailed", "server-errors", "status 500: Failed to parse input", again=True, most=True),
    Expected("ServerFailed", "server-errors", "status 503: Loading model", again=True, skipped=1),
    Expected("Disconnected", "disconnects", "broke the connection", again=True, most=True),
    Expected("NoSuchModel", "wrong-model", "`a-model` does not exist"),
    Expected("WrongAddress", "not-an-api", "status 404", skipped=1),
    Expected("WrongAddress", "not-an-api", "status 307", skipped=2),
    Expected("Garbled", "not-an-api", "no chat completion: <html>", again=True, most=True),
    Expected("TooLong", "too-long", "maximum context length is 4096"),
    Expected("TooLong", "too-long", "exceeds the available context size", skipped=1),
    Expected("BadRequest", "bad-request", "System role not supported"),
    Expected("ContentFiltered", "filtered", "stopped its answer"),
    Expected("ContentFiltered", "filtered", "content management policy", skipped=1),
    Expected("Refused", "refuses", "declined: I can't help with that."),
    Expected("Empty", "empty", "answered no text", again=True),
    Expected("Truncated", "truncated", "cut off after 30 tokens"),
    Expected("Oversized", "huge", "answered 200000 characters"),
    Expected("Oversized", "endless", "more than 1048576 bytes", most=True),
]


@pytest.mark.parametrize(
    "expected", EXPECTED, ids=lambda each: f"{each.reason}-{each.scenario}-{each.skipped}"
)
def test_each_failure_has_its_reason_and_makes_one_call(expected: Expected) -> None:
    whole = Scenario.named(expected.scenario)
    with ScriptedServer(Scenario("", whole.turns[expected.skipped :], whole.keys, whole.models)) as server:
        failure = failed(server)
    assert len(server.calls) == 1
    assert failure.reason == expected.reason
    assert expected.says in str(failure)
    assert str(failure).startswith("provider default (a-model at 127.0.0.1:")
    assert KEY not in f"{failure!r} {failure}"
    assert failure.advice
    assert (failure.wait(1, "goal") is not None) == expected.again
    assert (failure.usage.estimated, failure.usage.completion_tokens == 500) == (expected.most, expected.most)
    if failure.reply:
        assert failure.usage.completion_tokens == 30


def test_after_a_failure_the_next_call_can_be_fine() -> None:
    with ScriptedServer("rate-limited") as server:
        assert failed(server).retry_after == 3
        assert call(server).text == FINE


@pytest.mark.parametrize("scenario", ["hangs", "drips"])
def test_the_deadline_bounds_the_whole_call(scenario: str) -> None:
    started = time.monotonic()
    with ScriptedServer(scenario) as server:
        failure = failed(server, deadline=1.0)
    assert 1.0 <= time.monotonic() - started < 10  # a byte each 0.05 s takes longer; the SDK is imported here
    assert failure.reason == "TimedOut"
    assert "in 1 s" in str(failure)
    assert failure.usage.completion_tokens == 500
    assert len(server.calls) == 1


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        provider = Provider(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1", model="m")
        with pytest.raises(failures.Unreachable) as caught:
            ask(provider, MESSAGES, SCHEMA, 500, 5.0)
    assert caught.value.usage.total == 0


def test_a_wrong_key_is_never_repeated(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer("bad-key") as server:
        failure = failed(server)
        assert call(server, key="right").text == FINE
    assert failure.reason == "BadKey"
    assert failure.__cause__ is None and failure.__context__ is None
    for shown in (str(failure), repr(failure), repr(vars(failure)), caplog.text):
        assert KEY not in shown and "sk-" not in shown


def test_a_server_that_repeats_the_key_elsewhere_is_not_quoted() -> None:
    turn = Turn(status=400, body={"error": {"message": f"odd header Bearer {KEY}\n\x1b[31m{'y' * 500}"}})
    with ScriptedServer(Scenario("", [turn])) as server:
        sentence = str(failed(server))
    assert "odd header Bearer *** [31my" in sentence
    assert len(sentence) < 300


def test_without_a_key_the_environments_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ScriptedServer("no-usage") as server:
        ask(Provider(base_url=server.url, model="m"), MESSAGES, SCHEMA, 500, 5.0)
    assert server.calls[0].key == "none"


def learned(server: ScriptedServer) -> tuple[Reply, int]:
    """As a caller does it: ask for less until it is answered."""
    capability = Capability()
    for refused in range(4):
        try:
            return call(server, **capability.model_dump()), refused
        except Unsupported as failure:
            assert failure.wait(1, "goal") == 0
            assert failure.usage.total == 0
            capability = Capability.model_validate(failure.capability.document())
    raise AssertionError("it never was satisfied")


@pytest.mark.parametrize(
    ("scenario", "mode", "refused"),
    [("no-schema", "JsonObject", 1), ("text-only", "Text", 2), ("reasoning-model", "JsonSchema", 1)],
)
def test_what_a_server_can_do_is_learned_from_what_it_refuses(scenario: str, mode: str, refused: int) -> None:
    with ScriptedServer(scenario) as server:
        reply, count = learned(server)
    assert (reply.mode, count) == (mode, refused)
    last = server.calls[-1].request
    if mode != "JsonSchema":
        assert last["messages"][0] == MESSAGES[0]
        assert last["messages"][-1]["content"].startswith("What next? ü\n\n")
        assert '"title": "An answer"' in last["messages"][-1]["content"]
    assert last.get("response_format", {}).get("type") == {"JsonObject": "json_object", "Text": None}.get(
        mode, "json_schema"
    )
    limits = {"max_tokens", "max_completion_tokens"} & last.keys()
    assert limits == {"max_completion_tokens" if scenario == "reasoning-model" else "max_tokens"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[1]",
        '{"error": {"message": "busy"}}',
        '{"choices": []}',
        '{"choices": [{"message": 5}]}',
        "[" * 90_000,
    ],
)
def test_status_200_with_something_else(body: str) -> None:
    with ScriptedServer(Scenario("", [Turn(body=body)])) as server:
        assert failed(server).reason == "Garbled"


def test_what_is_no_count_is_not_believed_and_text_can_be_stored() -> None:
    turn = Turn(content="a \ud800 b", usage={"prompt_tokens": 5, "completion_tokens": -1})
    with ScriptedServer(Scenario("", [turn])) as server:
        reply = call(server)
    assert reply.text == "a ? b"
    assert reply.usage.estimated


def test_a_missing_key_costs_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    with ScriptedServer("no-usage") as server:
        provider = Provider(base_url=server.url, model="m", key_env="SOME_KEY")
        with pytest.raises(failures.BadKey, match="environment variable SOME_KEY is empty or not set"):
            ask(provider, MESSAGES, SCHEMA, 500, 5.0)
    assert not server.calls


def test_the_sdk_is_imported_by_the_first_call_only() -> None:
    code = "import sys, seedbed.planning.llm.client; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "seedbed.planning.llm.transport", raising=False)
    monkeypatch.delattr(llm, "transport", raising=False)
    with pytest.raises(PlannerFailed, match=r"pip install 'seedbed\[llm\]'"):
        ask(Provider(base_url="http://127.0.0.1:9/v1", model="m"), MESSAGES, SCHEMA, 500, 5.0)
