"""Goals on data that have to be found: the error where there are none, and a verdict where there are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.datafiles import write_cifar10

pytestmark = pytest.mark.slow

LINE = ["--goal", "Design CNN for CIFAR-10 >75% accuracy", "--num-seeds", "3"]


def agent(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SEEDBED_")}
    given = plain | {"SEEDBED_CACHE": str(folder / "cache")} | environment
    command = [sys.executable, "-c", "from seedbed.cli.main import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=600)


def test_without_the_data_the_goal_ends_with_where_they_were_looked_for(tmp_path: Path) -> None:
    done = agent(tmp_path, *LINE, "--offline")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    plain = " ".join(said.split())
    assert "cifar10 is not on this machine, and offline nothing is downloaded" in plain
    assert "put cifar-10-python.tar.gz into a folder" in plain
    assert "Traceback" not in said


def test_generated_data_in_the_format_of_cifar10_run_to_a_verdict(tmp_path: Path) -> None:
    write_cifar10(tmp_path / "data", rows=14, test=40)
    options = ("--data", str(tmp_path / "data"), "--max-iter", "1")
    refused = agent(tmp_path, *LINE, *options)
    assert refused.returncode == 1
    assert "allow them with --allow-unverified" in " ".join(refused.stdout.split())
    done = agent(tmp_path, *LINE, *options, "--name", "allowed", "--allow-unverified", "--verbose", "--keep")
    assert done.returncode in (0, 3, 4), done.stdout + done.stderr
    folder = tmp_path / "research-agent-allowed"
    card = json.loads(next(folder.glob("datasets/*/public/card.json")).read_bytes())
    assert card["sizes"]["test"] == 40 and card["title"] == "CIFAR-10"
    assert "the files are not those that CIFAR-10 was published as" in card["notes"]
    records = [json.loads(path.read_bytes()) for path in folder.glob("artifacts/**/result.json")]
    assert len(records) >= 3 and any(record["outcome"] == "Scored" for record in records)
