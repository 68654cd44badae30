"""A replay answers and fails as the journal says, and waits for nothing; what is no journal is refused."""

import asyncio
import inspect
import json
import re

import pytest

from fakes.recorded import CALLS, MESSAGES, failed, keep_journal, prompted, replied
from fakes.scripted import ScriptedServer
from seedbed.api import ResearchGoal
from seedbed.api.goal import PlannerSpec
from seedbed.engine.naming import owner_prefix
from seedbed.errors import InvalidInput
from seedbed.planning.llm import client, failures
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.failures import ModelFailure, backoff
from seedbed.planning.llm.journal import Call
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.replay import Recorded, read_recorded
from seedbed.planning.llm.reply import Reply
from seedbed.planning.llm.usage import Usage

PROVIDER = Provider(base_url="http://127.0.0.1:1/v1", model="other")


def ask(recorded, index, call, messages=MESSAGES):
    asked = recorded.ask(PROVIDER, messages, {"type": "object"}, 100, 5.0, index=index, call=call)
    return asyncio.run(asked)


def failure(recorded, index, call):
    with pytest.raises(ModelFailure) as raised:
        ask(recorded, index, call)
    return raised.value


def write(path, calls):
    path.write_text("".join(json.dumps(call.document()) + "\n" for call in calls))
    return path


def test_it_stands_where_the_client_does():
    theirs, ours = (inspect.signature(each).parameters for each in (client.ask, Recorded([]).ask))
    assert [str(ours[name]) for name in theirs] == [str(each) for each in theirs.values()]
    assert [name for name in ours if name not in theirs] == ["index", "call"]
    assert all(ours[name].kind is inspect.Parameter.KEYWORD_ONLY for name in ("index", "call"))


def test_an_answer_comes_as_it_was():
    reply = ask(Recorded(CALLS), 2, 1)
    assert (reply.text, reply.model, reply.finish_reason, reply.latency) == ("{", "m-2026", "stop", 2.5)
    assert reply.usage == Usage(1200, 300) and reply.mode == "JsonSchema"


def test_a_failure_comes_as_it_was_and_waits_for_nothing():
    busy = failure(Recorded(CALLS), 1, 1)
    assert (busy.reason, str(busy), busy.wait(1, "goal")) == ("RateLimited", "too many requests", 0.0)
    refused = failure(Recorded(CALLS), 4, 2)
    assert (refused.reason, refused.wait(1, "goal")) == ("BadKey", None)
    assert failures.RateLimited("").wait(1, "goal") == backoff(1, "goal")  # of others the class is as it was


@pytest.mark.parametrize("name", [kind.__name__ for kind in ModelFailure.__subclasses__()])
def test_every_kind_of_failure_can_be_replayed(name):
    told = failed(1, 1, name, "so it was", 3.0, text="half an ans", prompt_tokens=7, completion_tokens=2)
    raised = failure(Recorded([Call(prompted=prompted(1), replied=told)]), 1, 1)
    assert type(raised) is getattr(failures, name) and str(raised) == "so it was"
    assert raised.wait(1, "goal") == 0.0
    if name != "Unsupported":
        assert raised.usage == Usage(7, 2) and raised.reply and raised.reply.text == "half an ans"


def test_what_the_server_could_not_do_is_learned_again():
    learned = Capability(format="Text")
    told = failed(1, 1, "Unsupported", "no schemas", 0.0, learned=learned)
    raised = failure(Recorded([Call(prompted=prompted(1), replied=told)]), 1, 1)
    assert isinstance(raised, failures.Unsupported) and raised.capability == learned


def told(outcome):
    """A reply or a failure as the journal keeps it."""
    said = outcome if isinstance(outcome, Reply) else outcome.reply
    kept = {}
    if said is not None:
        kept = dict(
            text=said.text, answered_by=said.model, finish_reason=said.finish_reason, latency=said.latency,
            prompt_tokens=said.prompt_tokens, completion_tokens=said.completion_tokens,
            estimated=said.usage.estimated,
        )  # fmt: skip
    if isinstance(outcome, Reply):
        return replied(1, **kept)
    learned = outcome.capability if isinstance(outcome, failures.Unsupported) else None
    return failed(1, 1, outcome.reason, str(outcome), outcome.wait(1, "goal"), learned=learned, **kept)


def outcome(ask):
    try:
        return ask()
    except ModelFailure as failure:
        return failure


@pytest.mark.parametrize(
    "scenario",
    ["good-researcher", "invalid", "no-usage", "rate-limited", "truncated", "refuses", "no-schema"],
)
def test_what_a_server_gave_is_given_again(scenario):
    with ScriptedServer(scenario) as server:
        provider = Provider(base_url=server.url, model="m")
        live = outcome(lambda: client.ask(provider, MESSAGES, {"type": "object"}, 100, 5.0))
    recorded = Recorded([Call(prompted=prompted(1), replied=told(live))])
    again = outcome(lambda: ask(recorded, 1, 1))
    if isinstance(live, Reply):
        assert again == live
    else:
        assert (type(again), str(again), again.usage, again.reply) == (
            type(live), str(live), live.usage, live.reply,
        )  # fmt: skip


@pytest.mark.parametrize("call", [4, 5], ids=["without an answer", "never sent"])
def test_a_lost_call_is_lost_again_and_the_next_one_follows_at_once(call):
    lost = failure(Recorded(CALLS), call, 1)
    assert (lost.reason, lost.wait(1, "goal")) == ("Disconnected", 0.0)
    assert lost.usage.total == (6000 if call == 4 else 0)  # what its prompt and answer could cost


def test_beyond_the_journal_the_replay_ends():
    ended = failure(Recorded(CALLS), 2, 3)
    assert (ended.reason, ended.wait(1, "goal")) == ("ReplayEnded", None)
    assert str(ended) == "the recorded journal holds no call e002-03"
    assert failure(Recorded(CALLS), 7, 1).reason == "ReplayEnded"


def test_nobody_has_to_be_set_up():
    recorded = Recorded(CALLS)
    stands = recorded.provider(PlannerSpec(type="LLM", provider="big"))
    assert (stands.name, stands.model) == ("big", "m")
    assert recorded.provider(PlannerSpec(type="LLM", model="m-2")).model == "m-2"


def test_another_prompt_is_told_and_answered():
    recorded = Recorded(CALLS)
    ask(recorded, 1, 2)
    assert recorded.differences == [] and recorded.in_words() is None
    ask(recorded, 2, 1, [{"role": "user", "content": "What else?"}])
    assert recorded.differences == [(2, 1)]
    assert (
        recorded.in_words() == "replay: other prompts than the recorded ones, answered all the same: e002-01"
    )


def test_a_file_and_a_folder_give_the_same_replay(tmp_path):
    documents = keep_journal(tmp_path / "runs")
    (goal,) = documents.read_all(ResearchGoal)
    folder = documents.artifacts.path(owner_prefix(goal))
    for path in (write(tmp_path / "j.jsonl", CALLS), folder, folder / "journal"):
        assert ask(read_recorded(path), 5, 2).text == '{"proposals": []}'
        assert failure(read_recorded(path), 6, 2).reason == "ReplayEnded"


def line(update):
    return json.dumps(Call(prompted=prompted(1), replied=update).document())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "holds no call to a planning LLM: write it with `research-agent journal GOAL --json > FILE`"),
        ("apiVersion: v1", "line 1: no call of a journal (no JSON, "),
        ('{"prompted": {}}', "line 1: no call of a journal (prompted.index: missing; write "),
        ("\n\n[\x1b]", "line 3: no call of a journal ("),
        (f"{line(replied(1))}\n{line(replied(1))}", "line 2: e001-01 is there twice"),
        (line(replied(2)), "e001-01 has the reply of e002-01"),
        (line(replied(1, text=None)), "the reply of e001-01 has no `text`"),
        (line(failed(1, 1, "Tired", "")), 'the `reason` of e001-01 is "Tired", none of: '),
    ],
)
def test_what_is_no_journal(tmp_path, given, sentence):
    path = tmp_path / "j.jsonl"
    path.write_text(given)
    with pytest.raises(InvalidInput, match=re.escape(sentence)) as raised:
        read_recorded(path)
    assert str(raised.value).startswith(str(path)) and str(raised.value).isprintable()


def test_a_file_that_is_not_there_and_a_folder_that_is_damaged(tmp_path):
    with pytest.raises(InvalidInput, match="none: can't read the journal: No such file"):
        read_recorded(tmp_path / "none")
    (tmp_path / "e001-01-prompt.json").write_text("{")
    with pytest.raises(InvalidInput, match="e001-01-prompt.json is damaged: "):
        read_recorded(tmp_path)
