"""Objectives beyond a mean accuracy, as a user runs them: real training, from manifests to verdicts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LINEAR = "{layers: [{type: Flatten}, {type: Linear, out_features: classes}]}"
BASELINE = f"""
apiVersion: seedbed.dev/v1alpha1
kind: Experiment
metadata: {{name: base}}
spec:
  purpose: Confirm
  dataset: {{name: breast_cancer}}
  model: {LINEAR}
  training: {{epochs: 1}}
  seeds: [9000, 9001, 9002, 9003, 9004, 9005, 9006, 9007, 9008, 9009]
"""
GOAL = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: %s}
spec:
  goal: As a user asks for it
  dataset: {name: breast_cancer}
  objective: %s
  budget: {experiments: 3, parallel: 1}
"""


def agent(folder, *arguments):
    command = [Path(sys.executable).with_name("research-agent"), *arguments, "--folder", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def status_of(folder, name):
    return json.loads(agent(folder, "status", name, "--json").stdout)["status"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which two goals ran: better than a baseline, and a loss with a second target."""
    root = tmp_path_factory.mktemp("objectives")
    better = GOAL % ("better", "{improvement: {over: base, by: 0.02}}")
    loss = GOAL % (
        "loss",
        "{metric: log_loss, direction: Minimize, target: 0.4, estimand: Population, "
        "also: [{metric: f1_macro, target: 0.8}]}",
    )
    for name, text in {"orphan": better.replace("over: base", "over: nobody")}.items():
        (root / f"{name}.yaml").write_text(text)
        refused = agent(root / "runs", "run", str(root / f"{name}.yaml"), "--plain")
        assert refused.returncode == 2 and "there is no such Experiment" in refused.stderr
    (root / "all.yaml").write_text("---".join([BASELINE, better, loss]))
    done = agent(root / "runs", "run", str(root / "all.yaml"), "--plain", "--no-report")
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "runs"


def test_an_improvement_over_a_baseline_that_was_run_before(folder):
    status = status_of(folder, "better")
    assert status["phase"] == "Achieved"
    assert status["baseline"]["n"] == 10
    assert status["claim"]["target"] == pytest.approx(1.02 * status["baseline"]["mean"])
    assert status["claim"]["bound"] >= status["claim"]["target"]


def test_a_loss_on_new_items_with_a_second_target(folder):
    claim = status_of(folder, "loss")["claim"]
    assert claim["mean"] < claim["bound"] <= 0.4
    assert claim["also"][0]["metric"] == "f1_macro" and claim["also"][0]["bound"] >= 0.8
    assert "at most" in claim["statement"] and "over new items" in claim["statement"]


@pytest.fixture(scope="module")
def bounded(tmp_path_factory):
    """A folder with two goals: a bound on the latency that any model meets, and one that none does."""
    root, goals = tmp_path_factory.mktemp("latency"), []
    for name, most in (("quick", 1000), ("impossible", 0.0001)):
        bound = f"  constraints: [{{metric: latency_ms, max: {most}}}]\n"
        goals.append((GOAL % (name, "{target: 0.8}")).replace("experiments: 3", "experiments: 1") + bound)
    (root / "both.yaml").write_text("---".join(goals))
    agent(root / "runs", "run", str(root / "both.yaml"), "--plain", "--no-report")
    return root / "runs"


def test_a_goal_within_its_bound_on_the_latency(bounded):
    status = status_of(bounded, "quick")
    assert status["phase"] == "Achieved"
    (other,) = status["claim"]["also"]
    assert other["metric"] == "latency_ms" and 0 < other["mean"] < other["bound"] <= 1000


def test_a_latency_that_no_model_has_is_not_achieved(bounded):
    status = status_of(bounded, "impossible")
    assert status["phase"] == "NotAchieved" and status["attempts"]
    for attempt in status["attempts"]:
        (other,) = attempt["looks"][-1]["also"]
        assert not other["passed"] and other["mean"] > 0.0001
