"""Killed at ten points around a call to the model, a goal ends the same, and no call is made twice.

The command line, real runs, real HTTP. `kill -9` of the whole process tree comes at an exact instruction
(`fakes.halting`), or once the server has the request (it counts what comes).
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.test_resume import COMMAND, kill_tree, records
from fakes.scripted import Scenario, ScriptedServer
from seedbed.api import ResearchGoal
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
ANSWER, PER_CALL = 150, 24_000  # tokens
MANIFEST = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: pictures}
spec:
  goal: Tell two kinds of pictures apart
  dataset: {name: synthetic, synthetic: {kind: image, samples: 300, bayesAccuracy: 0.99}}
  objective: {target: 0.98}
  seeds: {explore: 1}
  planner: {type: LLM}
  budget: {experiments: 2, parallel: 1}
"""
THINKS, WRITES = "while the server thinks", "in the middle of the answer"
# Where it is killed; the calls for the second experiment that the server got; those that were lost.
POINTS = {
    "before the claim": (1, 0),
    "after the claim": (1, 1),
    "after the prompt is stored": (1, 1),
    THINKS: (2, 1),
    WRITES: (2, 1),
    "before the answer is stored": (2, 1),
    "after the answer is stored": (1, 0),
    "after the status says so": (1, 0),
    "after the proposal is stored": (1, 0),
    "after the Experiment is made": (1, 0),
}


def researcher(**update):
    """Its first two experiments, trained for an epoch; whichever call asks for one gets the same answer."""
    scenario = Scenario.named("good-researcher")
    turns = json.loads(json.dumps([turn.content for turn in scenario.turns[:2]]))
    for content in turns:
        content["proposals"][0]["training"]["epochs"] = 1
    played = [replace(scenario.turns[0], content=content) for content in turns]
    played[1] = replace(played[1], **update)
    return replace(scenario, turns=played, by_experiment=True)


def start(server, command, *arguments):
    environment = os.environ | {
        "SEEDBED_LLM_BASE_URL": server.url, "SEEDBED_LLM_MODEL": "m", "PYTHONPATH": str(TESTS),
    }  # fmt: skip
    return subprocess.Popen(
        [*command, *map(str, arguments), "--plain", "--no-report"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )  # fmt: skip


def ended(process):
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 3, said  # not achieved


def search(folder):
    """What must be the same however often the goal was killed."""
    status = FolderStore(Folder(folder)).read(ResearchGoal, "pictures").status
    lines = [(line.name, line.outcome, line.scores) for line in status.experiments]
    hashes = {run: result.hashes["predictions"] for run, result in records(folder).items()}
    proposals = [path.read_text() for path in sorted(folder.glob("artifacts/*/*/proposals/e*.json"))]
    believed = [json.loads(text)["hypothesis"] for text in proposals]
    return lines, hashes, believed, status.phase, status.verdict.verdict


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The goal's folder once its first experiment is over and the second is about to be asked for."""
    root = tmp_path_factory.mktemp("begun")
    (root / "goal.yaml").write_text(MANIFEST)
    with ScriptedServer(researcher()) as server:
        halted(server, root / "reached", "before the claim", "run", root / "goal.yaml", root / "runs")
        assert [call.experiment for call in server.calls] == [1]
    assert len(records(root / "runs")) == 1
    return root / "runs"


@pytest.fixture(scope="module")
def calm(begun, tmp_path_factory):
    """What comes of it if nobody disturbs it."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("calm") / "runs")
    with ScriptedServer(researcher()) as server:
        ended(start(server, COMMAND, "resume", "pictures", "--folder", folder))
        assert [call.experiment for call in server.calls] == [2]
    found = search(folder)
    assert len(found[1]) == 2 and found[3] == "NotAchieved"
    return found


def halted(server, reached, point, command, what, folder):
    """Bring it to a point, and kill it there."""
    program = [sys.executable, "-m", "fakes.halting", point, str(reached)]
    process = start(server, program, command, what, "--folder", folder)
    until(reached.exists, process)
    kill_tree(process.pid)
    process.communicate()


def interrupted(server, folder):
    """Kill it once the server has the request."""
    process = start(server, COMMAND, "resume", "pictures", "--folder", folder)
    until(lambda: server.calls, process)
    time.sleep(0.3)
    kill_tree(process.pid)
    process.communicate()


def until(condition, process):
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


@pytest.mark.parametrize("point", POINTS)
def test_killed_around_a_call_it_ends_the_same_and_calls_once_an_attempt(tmp_path, begun, calm, point):
    folder = shutil.copytree(begun, tmp_path / "runs")
    slow = {THINKS: {"after": 1.0}, WRITES: {"drip": 0.001}}
    with ScriptedServer(researcher(**slow.get(point, {}))) as server:
        if point in slow:
            interrupted(server, folder)
        else:
            halted(server, tmp_path / "reached", point, "resume", "pictures", folder)
        done = records(folder)
        ended(start(server, COMMAND, "resume", "pictures", "--folder", folder))
        asked = [call.experiment for call in server.calls]
    calls, lost = POINTS[point]
    assert asked == [2] * calls
    assert search(folder) == calm
    assert {name: records(folder)[name] for name in done} == done, "a record changed"
    status = FolderStore(Folder(folder)).read(ResearchGoal, "pictures").status
    assert [line.tokens for line in status.experiments] == [ANSWER, ANSWER + lost * PER_CALL]
    assert calls <= 1 + lost, "an attempt called twice"
    told = [decision.message for decision in status.decisions]
    assert sum("CallLost" in message for message in told) == lost
