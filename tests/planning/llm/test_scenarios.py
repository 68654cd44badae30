"""The scripted server's scenarios are what they say, and it is a program of its own."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from pydantic import ValidationError

from fakes import scripted
from fakes.scripted import SCENARIOS, Scenario
from seedbed.planning.llm.answer import Answer
from seedbed.planning.llm.client import ask
from seedbed.planning.llm.provider import Provider

MESSAGES = [{"role": "user", "content": "What next?"}]


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
def test_each_scenario_can_be_played(name: str) -> None:
    scenario = Scenario.named(name)
    assert scenario.about.endswith(".")
    assert scenario.turns
    assert all(turn.payload("m") or turn.status >= 300 for turn in scenario.turns)


@pytest.mark.parametrize("name", ["good-researcher", "coding-researcher", "repeats"])
def test_good_proposals_are_valid(name: str) -> None:
    answers = [Answer.model_validate(turn.content) for turn in Scenario.named(name).turns]
    assert [each.parent for answer in answers for each in answer.proposals] == [None, 1, 2][: len(answers)]


@pytest.mark.parametrize("name", ["invalid", "injection"])
def test_bad_answers_are_not(name: str) -> None:
    for turn in Scenario.named(name).turns:
        text = turn.content if isinstance(turn.content, str) else json.dumps(turn.content)
        with pytest.raises(ValidationError):
            Answer.model_validate_json(text)


def test_a_claim_of_success_is_no_answer_and_to_stop_is_one_without_proposals() -> None:
    claims, stops = Scenario.named("claims-success").turns
    with pytest.raises(ValidationError):
        Answer.model_validate(claims.content)
    answer = Answer.model_validate(stops.content)
    assert not answer.proposals and answer.stop is not None and "achieved" in answer.stop


def test_it_is_a_program_that_counts() -> None:
    command = [sys.executable, str(Path(scripted.__file__)), "good-researcher"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            reply = ask(Provider(base_url=url, model="m"), MESSAGES, {"type": "object"}, 100, 5.0)
            with urlopen(url.removesuffix("/v1") + "/calls") as answer:
                played = json.load(answer)
        finally:
            process.terminate()
    assert Answer.model_validate_json(reply.text or "").proposals[0].parent is None
    assert played["calls"] == 1
    assert played["each"][0]["request"]["messages"] == MESSAGES
