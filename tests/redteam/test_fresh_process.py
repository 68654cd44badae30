"""Attack 35 again, where the train step is a process of its own that was started with secrets about it."""

import os
import subprocess
import sys
from typing import Any

import pytest

from redteam.attacks import ending
from redteam.conftest import SECRET
from runner.conftest import make_request
from seedbed_runner.fetch import fetch
from seedbed_runner.workfolder import TrainRecord

pytestmark = pytest.mark.slow


def test_35_memory_of_the_environment(arena: Any, iris: Any, tmp_path: Any) -> None:
    before = arena.fight(ending, "search_the_memory_of_the_environment", sealed=False)
    assert SECRET in before.log and "PAYS" in before.log
    source = ending("search_the_memory_of_the_environment", OUT=tmp_path / "out")
    request = make_request(iris.card, model={"source": source}, demand="sealed")
    (tmp_path / "request.json").write_bytes(request.to_json())
    fetch(iris.folder, request, tmp_path / "data")
    subprocess.run(
        [sys.executable, "-I", "-m", "seedbed_runner", "train", "--work", str(tmp_path)],
        env={"PATH": os.environ["PATH"], "AWS_SECRET_ACCESS_KEY": SECRET},
        check=True,
    )
    record = TrainRecord.from_json((tmp_path / "train.json").read_bytes())
    log = (tmp_path / "log.txt").read_text()
    assert record.assurance == "sealed" and record.failure is None, record.failure
    assert "PAYS" in log and "PATH=" in log and "AWS" not in log and SECRET not in log
