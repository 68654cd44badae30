"""The command as people use it, with real runs."""

import json
import re
import signal
import subprocess
import sys

import pytest

MANIFEST = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: NAME}
spec:
  goal: Tell its classes apart with a small network
  dataset: {name: NAME}
  objective: {target: TARGET}
  budget: {experiments: EXPERIMENTS, deadline: 10m}
"""
COMMAND = [sys.executable, "-c", "from seedbed.cli.main import main; main()"]


def write(tmp_path, name, target, experiments):
    text = MANIFEST.replace("NAME", name).replace("TARGET", str(target))
    text = text.replace("EXPERIMENTS", str(experiments))
    (tmp_path / "goal.yaml").write_text(text)


def run(tmp_path, *arguments):
    return subprocess.run([*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_a_goal_from_manifest_to_verdict_and_again(tmp_path):
    write(tmp_path, "iris", 0.8, 12)
    first = run(tmp_path, "run", "goal.yaml")
    assert first.returncode == 0, first.stderr
    assert "iris: ACHIEVED: accuracy on iris reaches 0.8" in first.stdout
    reports = re.findall(r"report: (.*)", first.stdout)
    assert [path.rpartition(".")[2] for path in reports] == ["md", "html"]
    again = run(tmp_path, "run", "goal.yaml", "--no-report")
    assert again.returncode == 0 and "is Achieved already" in again.stdout
    assert run(tmp_path, "show", "iris").returncode == 0
    assert json.loads(run(tmp_path, "status", "--json").stdout)["status"]["phase"] == "Achieved"


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_recorded_and_resume_goes_on(tmp_path):
    write(tmp_path, "digits", 0.995, 2)
    process = subprocess.Popen(
        [*COMMAND, "run", "goal.yaml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if " seed 0: " in line:
            break
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: research-agent resume digits --folder seedbed-runs" in said
    resumed = run(tmp_path, "resume", "digits", "--no-report")
    assert resumed.returncode == 3, resumed.stderr
    assert "digits: NOT ACHIEVED: not shown" in resumed.stdout
    undisturbed = run(tmp_path, "run", "goal.yaml", "--folder", "other", "--no-report")
    assert undisturbed.returncode == 3
    assert numbers(tmp_path, "seedbed-runs") == numbers(tmp_path, "other")


def numbers(tmp_path, folder):
    """Every settled experiment and its scores."""
    status = json.loads(run(tmp_path, "status", "digits", "--json", "--folder", folder).stdout)["status"]
    return [(line["index"], line["outcome"], line["scores"]) for line in status["experiments"]]


@pytest.mark.slow
def test_a_goal_in_one_line(tmp_path):
    done = run(
        tmp_path, "--goal", "Tell wines apart with >80% accuracy", "--num-seeds", "1", "--max-iter", "6"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "research-agent-wine"
    assert (folder / "report.html").exists() and (folder / "report.md").exists()
    assert run(tmp_path, "validate", "research-agent-wine/goal.yaml").returncode == 0
    assert list(folder.rglob("weights.safetensors")) and not (folder / "datasets").exists()
    written = (folder / "report.md").read_text()
    again = run(tmp_path, "report", "--folder", "research-agent-wine")
    assert again.stdout.splitlines()[0] == "research-agent-wine/report.md"
    assert (folder / "report.md").read_text() == written  # with the data's card, though they are gone


@pytest.mark.slow
def test_an_experiment_that_stands_alone(tmp_path):
    (tmp_path / "alone.yaml").write_text(
        "apiVersion: seedbed.dev/v1alpha1\nkind: Experiment\nmetadata: {name: alone}\nspec:\n"
        "  dataset: {name: iris}\n  model: {layers: [{type: Linear, out_features: classes}]}\n"
        "  training: {epochs: 3}\n  seeds: [0, 1, 2]\n"
    )
    done = run(tmp_path, "run", "alone.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "alone: Completed" in done.stdout and "over 3 seeds" in done.stdout and "not a claim" in done.stdout
    )
