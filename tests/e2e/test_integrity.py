"""A goal decided by the command line: its candidate's control is run, recorded, shown and reported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.api import ResearchGoal
from seedbed_runner.contract.records import RunResult

pytestmark = pytest.mark.slow

MANIFEST = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: iris}
spec:
  goal: Tell irises apart
  dataset: {name: iris}
  objective: {target: 0.8}
  seeds: {explore: 1, confirm: 4}
  budget: {experiments: 2, parallel: 1, confirmations: 1}
"""


def agent(*arguments):
    command = Path(sys.executable).with_name("research-agent")
    return subprocess.run([command, *arguments], capture_output=True, text=True)


def test_a_control_is_run_recorded_shown_and_reported(tmp_path):
    manifest, folder = tmp_path / "iris.yaml", tmp_path / "runs"
    manifest.write_text(MANIFEST)
    done = agent("run", manifest, "--folder", folder, "--plain")
    assert done.returncode == 0, done.stderr
    assert "again, on permuted labels: it must score at chance" in done.stdout
    (document,) = (folder / "resources" / "researchgoals").glob("*.json")
    (check,) = ResearchGoal.model_validate_json(document.read_bytes()).status.integrity
    found = [
        json.loads(path.read_bytes())
        for path in folder.glob(f"artifacts/*/*/runs/{check.control}-*/*/*.json")
    ]
    records = [RunResult.from_dict(each) for each in found]
    assert [each.score for each in records] == check.scores and check.blocking is None
    assert {(each.purpose, each.split) for each in records} == {("Control", "validation")}
    assert "trained on permuted labels it scores" in agent("show", "iris", "--folder", folder).stdout
    reported = "".join(path.read_text() for path in folder.rglob("*.md"))
    assert "**Integrity**: experiment" in reported and " on permuted labels, " in reported
