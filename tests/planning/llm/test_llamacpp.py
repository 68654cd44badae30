"""A model server that nobody here wrote: its own grammars, errors and count of tokens."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from fakes import llamacpp, memory
from fakes.consulting import ConsultingWorld, decide
from fakes.planning import CARDS, goal, request, simulate
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.client import ask
from seedbed.planning.llm.extract import json_object
from seedbed.planning.llm.failures import ModelFailure, TooLong, Truncated, Unsupported
from seedbed.planning.llm.offer import Left, Offer
from seedbed.planning.llm.prompt import compose
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.reading import read
from seedbed.planning.llm.reply import Reply
from seedbed.planning.llm.schema import answer_schema
from seedbed.planning.llm.usage import at_most

TESTS = Path(__file__).parents[2]
LEFT = Left(experiments=20, failures=5, confirmations=5, tokens=200_000, gpu_hours=10.0)
HELLO = [{"role": "user", "content": "Hello"}]
SCHEMA = {
    "type": "object", "properties": {"answer": {"enum": ["a", "b"]}}, "required": ["answer"],
    "additionalProperties": False,
}  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with llamacpp.serving(tmp_path_factory.mktemp("llamacpp")) as url:
        yield Provider(base_url=url, model="tiny")


def outcome(provider, messages, schema, most=1000, capability=Capability()):  # noqa: B008
    """The reply or the typed failure; whatever else is raised fails the test."""
    try:
        return ask(provider, messages, schema, most, 120.0, capability)
    except ModelFailure as failure:
        return failure


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_our_schema_is_taken_and_kept_to(provider, kind):
    tried = simulate(3, goal(), CARDS[kind], parallel=1)
    asked = [request(known + 1, tried[:known], data=CARDS[kind]) for known in (0, 1, 3)]
    replies = 0
    for each in asked:
        prompt, schema = compose(each, Offer(), LEFT, 9000), answer_schema(each.read_card(), Offer())
        done = outcome(provider, list(prompt.messages), schema)
        # What was cut off, and what its parser does not take (a 500), is none of the schema's business.
        assert isinstance(done, Reply) or done.reason in ("Truncated", "ServerFailed"), done
        if isinstance(done, Reply):
            replies += 1
            said = read(done.text, each, Offer())
            assert (said.answer is None) == bool(said.problems)
            wrong_form = ("unknown field", "missing", "not JSON")
            assert not any(words in problem for words in wrong_form for problem in said.problems)
            arguments = Capability().arguments("tiny", list(prompt.messages), schema, 1000)
            assert 0 < done.prompt_tokens <= at_most(arguments, 1000).prompt_tokens
    assert replies


def test_a_whole_goal_survives_it_and_ends_within_its_budget(provider):
    """Its proposals are nonsense: what is no answer is repaired, then the search planner proposes."""
    wanted = memory.goal(
        planner={"type": "LLM", "tokensPerCall": 16_000, "timeout": "2m"},
        budget={"experiments": 4, "parallel": 1, "tokens": 100_000},
    )
    data = memory.card(kind="tabular", input_shape=[13], classes=3)
    world = ConsultingWorld(wanted, provider.base_url, {"card": data})
    world.launcher.score = lambda experiment, seed: 0.5
    status = asyncio.run(decide(world))
    assert (status.phase, status.counts.experiments, status.claim) == ("NotAchieved", 4, None)
    replies = [json.loads(data) for key, data in world.artifacts.data.items() if key.endswith("-reply.json")]
    assert any(each["text"] for each in replies), "it never answered"
    assert 0 < status.budget.used.tokens <= 100_000 and status.budget.reserved.tokens == 0


def test_a_small_answer_keeps_to_its_schema(provider):
    reply = ask(provider, HELLO, SCHEMA, 200, 60.0)
    assert json_object(reply.text) in ({"answer": "a"}, {"answer": "b"})
    assert (reply.finish_reason, reply.mode) == ("stop", "JsonSchema")
    assert not reply.usage.estimated


@pytest.mark.parametrize("unknown", [{"$ref": "#/$defs/nowhere"}, {"type": "array", "minItems": 5000}])
def test_a_schema_that_its_grammars_do_not_know_leads_to_json_and_on_to_an_answer(provider, unknown):
    refused = outcome(provider, HELLO, unknown)
    assert isinstance(refused, Unsupported), refused
    assert refused.capability == Capability(format="JsonObject")
    done = outcome(provider, HELLO, unknown, 100, refused.capability)
    assert isinstance(done, Reply) or done.reason in ("Truncated", "ServerFailed"), done


@pytest.mark.parametrize("format", ["JsonSchema", "Text"])
def test_a_long_answer_is_cut_off(provider, format):
    fields = {f"field{number}": {"type": "string"} for number in range(30)}
    long = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    done = outcome(provider, HELLO, long, 50, Capability(format=format))
    assert isinstance(done, Truncated), done
    assert done.usage.completion_tokens == 50


def test_a_prompt_beyond_its_context_is_too_long(provider):
    words = [{"role": "user", "content": "7" * (llamacpp.CONTEXT + 1)}]
    assert isinstance(outcome(provider, words, SCHEMA), TooLong)


def test_the_server_ends_with_whoever_started_it(tmp_path):
    script = "import pathlib, sys, time; from fakes.llamacpp import serving\n"
    script += "with serving(pathlib.Path(sys.argv[1])) as url: print(url, flush=True); time.sleep(60)"
    command = [sys.executable, "-c", script, str(tmp_path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=TESTS)
    with holder, urlopen(f"{holder.stdout.readline().decode().strip()}/models", timeout=10) as models:
        assert models.status == 200
        holder.send_signal(signal.SIGKILL)
    for _ in range(100):
        try:
            urlopen(models.url, timeout=10).close()
        except (URLError, ConnectionError):
            return
        time.sleep(0.1)
    raise AssertionError("it still answers after 10 s")


def test_the_model_is_the_same_each_time(tmp_path):
    for name in ("one", "two"):
        llamacpp.write_model(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
