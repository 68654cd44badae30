"""A scripted researcher decides real goals on a laptop, with layers and with code.

Real HTTP, the real SDK, real runs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.scripted import ScriptedServer
from seedbed.api import ResearchGoal

pytestmark = pytest.mark.slow

ANSWER = 150  # tokens, as the scripted server counts
DIGITS = {"name": "digits"}
PICTURES = {
    "name": "synthetic",
    "synthetic": {
        "kind": "image",
        "samples": 1200,
        "classes": 2,
        "bayesAccuracy": 0.97,
        "seed": 5_103_998_077_116_034,
    },
}


def goal(name, dataset, target, **spec):
    """A small goal for a planning model, one experiment after the other."""
    given = {
        "goal": "Classify small pictures",
        "dataset": dataset,
        "objective": {"metric": "accuracy", "target": target},
        "seeds": {"explore": 1},
        "planner": {"type": "LLM"},
        "budget": {"experiments": 3, "parallel": 1, "confirmations": 3},
    }
    kind = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "ResearchGoal"}
    return kind | {"metadata": {"name": name}, "spec": given | spec}


def agent(folder, *arguments, url=""):
    """What research-agent says, and its exit code."""
    command = [Path(sys.executable).with_name("research-agent"), *arguments, "--folder", folder]
    own = {"SEEDBED_LLM_BASE_URL": url, "SEEDBED_LLM_MODEL": "scripted" if url else "", "COLUMNS": "100"}
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, env=os.environ | own, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def run(folder, wanted, scenario, *options):
    """A goal to its end; its status, and the calls that were made for it."""
    manifest = folder / "goal.json"
    manifest.write_text(json.dumps(wanted))
    with ScriptedServer(scenario) as server:
        code, said = agent(folder / "runs", "run", manifest, "--plain", *options, url=server.url)
    assert code == 0, said
    return status_of(folder / "runs"), server.calls


def status_of(folder):
    (document,) = (folder / "resources/researchgoals").glob("*.json")
    return ResearchGoal.model_validate_json(document.read_bytes()).status


def searched(status):
    return [(line.name, line.outcome, line.scores) for line in status.experiments]


def decided_with_layers(tmp_path, dataset, target):
    status, calls = run(tmp_path, goal("layers", dataset, target), "good-researcher")
    assert status.phase == "Achieved", status
    assert status.experiments[status.claim.index - 1].outcome == "Confirmed"
    assert len(calls) == len(status.experiments) and status.budget.used.tokens == ANSWER * len(calls)
    shown = [call.messages[1]["content"] for call in calls]
    assert "None yet." in shown[0]
    for line, prompt in zip(status.experiments, shown[1:], strict=False):
        assert f"\n{line.index} | " in prompt and f"{line.mean:.4f}" in prompt
    assert {call.request["response_format"]["type"] for call in calls} == {"json_schema"}
    return status


def test_digits_are_decided_with_layers(tmp_path):
    decided_with_layers(tmp_path, DIGITS, 0.96)


def test_pictures_are_decided_with_layers_and_again_by_the_journal(tmp_path):
    status = decided_with_layers(tmp_path, PICTURES, 0.88)
    code, said = agent(tmp_path / "runs", "journal", "layers")
    assert code == 0 and "A small network with one convolution sets the level to beat." in said
    code, recorded = agent(tmp_path / "runs", "journal", "layers", "--json")
    (tmp_path / "journal.jsonl").write_text(recorded)
    replay = ("--replay", tmp_path / "journal.jsonl", "--plain", "--no-report")
    code, said = agent(tmp_path / "again", "run", tmp_path / "goal.json", *replay)
    assert code == 0 and "other prompts" not in said, said
    assert searched(status_of(tmp_path / "again")) == searched(status)


@pytest.mark.parametrize(
    ("dataset", "target"), [(DIGITS, 0.96), (PICTURES, 0.88)], ids=["digits", "pictures"]
)
def test_a_goal_is_decided_with_code(tmp_path, dataset, target):
    wanted = goal("code", dataset, target, planner={"type": "LLM", "code": True})
    status, calls = run(tmp_path, wanted, "coding-researcher", "--no-report")
    assert status.phase == "Achieved", status
    assert (status.claim.index, status.claim.assurance) == (1, "sealed")
    assert status.experiments[0].outcome == "Confirmed" and len(calls) == 1
    assert "`source`: the text of a Python module" in calls[0].messages[0]["content"]
