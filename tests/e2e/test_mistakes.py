"""What users get wrong, and what goes wrong around them: one sentence, a non-zero exit code, nothing lost."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.api import ResearchGoal
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore

pytestmark = pytest.mark.slow

COMMAND = str(Path(sys.executable).with_name("research-agent"))
GOAL = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {{name: g}}
spec:
  goal: a test
  dataset: {{name: {dataset}}}
  objective: {{target: {target}}}
  budget: {{experiments: 1, parallel: 1}}
"""
EXPERIMENT = """
apiVersion: seedbed.dev/v1alpha1
kind: Experiment
metadata: {{name: e}}
spec:
  dataset: {{name: iris}}
  model: {{layers: {layers}}}
  training: {{epochs: 2}}
  seeds: [0, 1]
"""


def research_agent(*arguments, stdin=None):
    done = subprocess.run(
        [COMMAND, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=240
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def run(text, folder):
    return research_agent("run", "-", "--folder", folder, "--plain", "--no-report", stdin=text)


@pytest.mark.parametrize(
    ("dataset", "target", "sentence"),
    [
        ("digit", 0.9, r"dataset.*'digit'; did you mean digits\?"),
        ("iris", 97, r"`target` is 97 but must be at most 1; did you mean 0.97\?"),
        ("iris", 1.0, "could be reached but never shown"),
        ("iris", "high", "write a number, not 'high'"),
    ],
)
def test_wrong_manifests(tmp_path, dataset, target, sentence):
    done = run(GOAL.format(dataset=dataset, target=target), tmp_path / "runs")
    assert done.returncode == 2
    assert re.search(sentence, done.stderr) and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_target_that_the_test_split_cannot_show(tmp_path):
    done = run(GOAL.format(dataset="iris", target=0.99), tmp_path / "runs")
    assert done.returncode == 2
    assert "`target` is 0.99 but on a test split of 30 items" in done.stdout


def test_an_impossible_layer_says_which_one_and_why(tmp_path):
    layers = "[{type: Conv2d, out_channels: 4, kernel_size: 3}]"
    done = run(EXPERIMENT.format(layers=layers), tmp_path / "runs")
    assert done.returncode == 3
    assert re.search(r"layers\[0\] Conv2d: needs channels × height × width, but 4 comes in", done.stdout)


def test_a_misspelt_layer_is_found_before_anything_runs(tmp_path):
    done = run(EXPERIMENT.format(layers="[{type: Linaer, out_features: classes}]"), tmp_path / "runs")
    assert done.returncode == 2 and "Linear" in done.stderr and not (tmp_path / "runs").exists()


def test_an_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("")
    done = run(GOAL.format(dataset="iris", target=0.8), tmp_path / "file" / "runs")
    assert done.returncode == 1 and "not a directory" in done.stderr


def test_a_goal_that_is_not_there(tmp_path):
    for command in ("status", "show", "resume", "stop", "report"):
        done = research_agent(command, "nowhere", "--folder", tmp_path)
        assert done.returncode == 1 and "nowhere" in done.stderr, command


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """A folder in which a goal was achieved."""
    folder = tmp_path_factory.mktemp("decided") / "runs"
    assert run(GOAL.format(dataset="iris", target=0.5), folder).returncode == 0
    return folder


def test_another_goal_of_the_same_name(decided):
    done = run(GOAL.format(dataset="iris", target=0.6), decided)
    assert done.returncode == 2
    assert "spec.objective.target is 0.5 there and 0.6 here" in done.stderr and "--name" in done.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"needs a small file system of its own, which only root can mount ({os.geteuid()=})")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(handle, b"0" * 1024):
            pass
    except OSError as error:
        assert error.errno == errno.ENOSPC
    finally:
        os.close(handle)


def test_a_full_disk_loses_nothing_and_the_goal_goes_on_with_room(small_disk, decided):
    folder = shutil.copytree(decided, small_disk / "runs")
    before = FolderStore(Folder(folder)).read(ResearchGoal, "g")
    ballast = small_disk / "ballast"
    text = GOAL.format(dataset="iris", target=0.6).replace("name: g}", "name: h}")
    fill(ballast)
    done = run(text, folder)
    assert done.returncode == 1, done.stdout
    assert "is full" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert FolderStore(Folder(folder)).read(ResearchGoal, "g") == before
    ballast.unlink()
    done = run(text, folder)
    assert done.returncode == 0, done.stdout + done.stderr
