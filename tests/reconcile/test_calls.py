"""Whole goals whose model server answers as it likes: each ends well, says why, and keeps to its tokens.

Runs are played; the HTTP calls, the SDK, the journal and the engine are the real ones.
"""

import asyncio
import json

import pytest

from fakes.consulting import ConsultingWorld, decide
from fakes.memory import card, goal
from fakes.scripted import SCENARIOS, Scenario, ScriptedServer, Turn

DIGITS = {"kind": "image", "input_shape": [1, 8, 8], "classes": 10}
ANSWER = 150  # tokens of an answer, as the scripted server counts
PER_CALL, BUDGET = 24_000, 200_000


def proposing(width):
    layers = [{"type": "Flatten"}, {"type": "Linear", "out_features": width}, {"type": "ReLU"}]
    proposal = {
        "hypothesis": "Wider is better.", "parent": None, "change": f"{width} wide", "expectedEffect": "more",
        "model": {"layers": [*layers, {"type": "Linear", "out_features": "classes"}]},
        "training": {"epochs": 1},
    }  # fmt: skip
    return {"stop": None, "proposals": [proposal]}


def search(scenario, score=0.85, parallel=1, tokens=BUDGET, **planner):
    """A goal of two experiments to its end; its status, the server and the world."""
    asked = goal(
        planner={"type": "LLM", **planner},
        budget={"experiments": 2, "parallel": parallel, "tokens": tokens},
    )
    if isinstance(scenario, str):
        scenario = Scenario.named(scenario, fine=[proposing(8), proposing(16)])
    with ScriptedServer(scenario) as server:
        world = ConsultingWorld(asked, server.url, {"card": card(**DIGITS)})
        world.launcher.score = lambda experiment, seed: score
        status = asyncio.run(decide(world))
    return status, server, world


def ready(status):
    """Whether the model answers, by the status, and why not."""
    found = next(each for each in status.conditions if each.type == "PlannerReady")
    return found.status, found.reason


def told(status):
    return "\n".join(decision.message for decision in status.decisions)


# What a goal of two experiments comes to: the calls, which of them cost an answer's tokens, which cost what
# can't be known, the reason in the end, and what else people are told.
HOPELESS = {
    "bad-key": (2, 0, 0, "BadKey"),
    "bad-request": (2, 0, 0, "BadRequest"),
    "empty": (8, 8, 0, "Empty"),
    "endless": (2, 0, 2, "Oversized"),
    "filtered": (2, 1, 0, "ContentFiltered"),
    "huge": (2, 2, 0, "Oversized"),
    "injection": (4, 4, 0, "InvalidAnswer"),
    "invalid": (4, 4, 0, "InvalidAnswer"),
    "not-an-api": (3, 0, 1, "WrongAddress"),
    "quota-spent": (2, 0, 0, "QuotaSpent"),
    "refuses": (2, 2, 0, "Refused"),
    "too-long": (2, 0, 0, "TooLong"),
    "truncated": (2, 2, 0, "Truncated"),
    "wrong-model": (2, 0, 0, "NoSuchModel"),
}
PASSING = {
    "disconnects": (4, 2, 2, "Disconnected", [1.5, 3.0]),
    "good-researcher": (2, 2, 0, None, []),
    "no-schema": (3, 2, 0, "Unsupported", []),
    "no-usage": (2, 0, 2, None, []),
    "rate-limited": (3, 2, 0, "RateLimited", [3.0]),
    "reasoning-model": (3, 2, 0, "Unsupported", []),
    "server-errors": (4, 2, 1, "ServerFailed", [1.5, 7.0]),
    "text-only": (4, 2, 0, "Unsupported", []),
}
NEVER_ANSWERING = ("drips", "hangs")
OTHERS = ("repeats", "claims-success", "coding-researcher")


def test_every_scenario_is_played_here():
    played = {*HOPELESS, *PASSING, *NEVER_ANSWERING, *OTHERS}
    assert played == {path.stem for path in SCENARIOS.glob("*.yaml")}


@pytest.mark.parametrize("name", HOPELESS)
def test_where_no_answer_can_be_used_the_search_planner_proposes_and_the_status_says_why(name):
    calls, counted, unknown, reason = HOPELESS[name]
    status, server, _ = search(name)
    assert (status.phase, status.counts.experiments, len(server.calls)) == ("NotAchieved", 2, calls)
    assert ready(status) == ("False", reason)
    assert f"experiment 2: the search planner proposes it: {reason}: " in told(status)
    assert status.budget.used.tokens == counted * ANSWER + unknown * PER_CALL <= BUDGET
    assert status.budget.reserved.tokens == 0


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_for_and_the_model_proposes(name):
    calls, counted, unknown, reason, waits = PASSING[name]
    status, server, world = search(name)
    assert (status.phase, status.counts.experiments, len(server.calls)) == ("NotAchieved", 2, calls)
    assert ready(status) == ("True", "Answers") and "the search planner" not in told(status)
    assert reason is None or f"call 1 for experiment 1 failed: {reason}: " in told(status)
    assert status.budget.used.tokens == counted * ANSWER + unknown * PER_CALL
    assert len(world.waited) == len(waits)
    assert all(least <= waited <= least / 0.75 for least, waited in zip(waits, world.waited, strict=True))


@pytest.mark.slow  # it waits for the end of each call
@pytest.mark.parametrize("name", NEVER_ANSWERING)
def test_a_server_that_never_answers_is_called_while_there_are_tokens_for_it(name):
    status, server, world = search(name, tokens=5 * PER_CALL, timeout="1s")
    assert len(server.calls) == 5  # four for the first experiment, and what is left for the second
    assert told(status).count("the search planner proposes it") == 2
    assert "experiment 1: the search planner proposes it: TimedOut: " in told(status)
    assert ready(status) == ("False", "TokensSpent")
    assert status.budget.used.tokens == 5 * PER_CALL
    assert (status.phase, status.counts.experiments) == ("NotAchieved", 2)


@pytest.mark.parametrize("name", ["no-usage", "endless", "disconnects"])
@pytest.mark.parametrize("budget", [PER_CALL - 1, PER_CALL, 2 * PER_CALL])
def test_what_nobody_counts_stays_within_the_tokens(name, budget):
    status, server, _ = search(name, tokens=budget)
    assert len(server.calls) == budget // PER_CALL
    assert status.budget.used.tokens == len(server.calls) * PER_CALL <= budget
    assert (status.phase, status.counts.experiments) == ("NotAchieved", 2)


@pytest.mark.parametrize(("name", "reason"), [("bad-key", "BadKey"), ("invalid", "InvalidAnswer")])
def test_with_nobody_to_fall_back_on_the_goal_ends_undecided(name, reason):
    status, server, _ = search(name, fallback="None")
    assert (status.verdict.verdict, status.verdict.reason) == ("Inconclusive", "PlannerFailed")
    assert reason in status.verdict.message and not status.experiments
    assert len(server.calls) == (1 if name == "bad-key" else 2)


def test_one_that_proposes_the_same_again_and_again_is_told_so_once():
    status, server, _ = search("repeats")
    assert (status.phase, status.counts.experiments, len(server.calls)) == ("NotAchieved", 2, 3)
    assert ready(status) == ("False", "InvalidAnswer")
    assert "the same model and training as experiment 1" in server.calls[2].messages[-1]["content"]


def test_code_where_none_may_run_is_sent_back_and_layers_are_taken():
    status, server, world = search("coding-researcher")
    assert (status.counts.experiments, len(server.calls)) == (2, 3)
    assert "source" in server.calls[1].messages[-1]["content"]
    assert all(experiment.spec.model.layers for experiment in world.experiments())


def test_one_that_claims_success_ends_the_search_and_gets_no_claim():
    status, server, world = search("claims-success")
    assert (status.phase, status.claim, status.verdict.verdict) == ("NotAchieved", None, "NotAchieved")
    assert "the planning model stopped: The goal is achieved with 100 % accuracy." in status.verdict.message
    assert len(server.calls) == 2 and not world.launcher.trained


def test_orders_in_an_answer_change_nothing_and_are_shown_without_control_characters():
    status, _, world = search("injection")
    assert world.goal.spec.objective.target == 0.9 and world.goal.spec.budget.experiments == 2
    assert status.claim is None
    written = json.dumps(world.goal.document(), ensure_ascii=False)
    assert written.isprintable()
    repaired = json.loads(world.artifacts.data["default/g-uid-goal/journal/e001-02-prompt.json"])
    assert [each["role"] for each in repaired["messages"]] == ["system", "user", "assistant", "user"]
    assert "\x1b" not in "".join(each["content"] for each in repaired["messages"])


def test_a_good_researcher_reaches_the_goal_where_its_runs_do():
    status, server, _ = search("good-researcher", score=0.95)
    assert (status.phase, status.claim.index) == ("Achieved", 1)
    assert status.budget.used.tokens == ANSWER * len(server.calls)


def test_several_proposals_come_from_one_call():
    both = {"stop": None, "proposals": proposing(8)["proposals"] + proposing(16)["proposals"]}
    status, server, _ = search(Scenario("Two at once.", [Turn(both)]), parallel=2)
    assert (status.counts.experiments, len(server.calls)) == (2, 1)
    assert status.budget.used.tokens == ANSWER
