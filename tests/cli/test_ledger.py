import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakes.driving import drive
from fakes.entries import entry
from fakes.keeping import keep
from fakes.memory import HASH, MemoryPlanner, MemoryWorld, goal
from seedbed.cli.main import main
from seedbed.engine.ledger import Entry, entry_key
from seedbed.engine.usage import by_source
from seedbed.local.artifacts import FolderArtifacts

OTHER = "sha256:" + "1" * 64


def run(*arguments, code=0):
    done = CliRunner().invoke(main, ["ledger", *map(str, arguments)], terminal_width=100)
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def enter(folder, made):
    artifacts = FolderArtifacts(folder / "artifacts")
    assert asyncio.run(artifacts.put(entry_key("default", made), made.to_json()))


@pytest.fixture
def used(tmp_path):
    """Two goals on two splits of one source; each has scored four runs."""
    for name, data in (("first", HASH), ("second", OTHER)):
        for scored in (None, 4):
            enter(tmp_path, entry(4, scored, owner=f"{name}-1", goal=name, data_hash=data))
    return tmp_path


def test_splits_of_a_source_stand_together(used):
    head, columns, *rows, tried, _ = run("--folder", used).splitlines()
    assert head == "digits, source 000000000000"
    assert columns.split() == ["split", "data", "evaluations", "configs", "attempts", "α", "used", "by"]
    numbers = {row.split()[-1]: row.split()[-6:-1] for row in rows}
    assert numbers["first"] == ["00000000", "4", "1", "1", "0.0300"]
    assert rows[-1].split() == ["all", "splits", "8", "2", "2", "0.0600", "first,", "second"]
    assert tried == "2 splits of this source were tried: they share its rows"


@pytest.mark.parametrize("name", ["digits", HASH, HASH[7:19], HASH[:19]])
def test_one_source_for_programs(used, name):
    (source,) = json.loads(run(name, "--json", "--folder", used))
    assert (source["sourceHash"], source["evaluations"], source["pending"]) == (HASH, 8, 0)
    assert sorted(split["goals"] for split in source["splits"]) == [["first"], ["second"]]
    assert source["splits"][0]["last"] == source["last"]


def test_what_was_started_and_never_told_may_have_been_scored(tmp_path):
    enter(tmp_path, entry(6, None))
    said = run("--folder", tmp_path)
    assert " 0 to 6 " in said and "evaluations “a to b”: runs were started" in said


@pytest.mark.parametrize("name", ["iris", "00000", "abcdef01"])
def test_a_source_that_nobody_used(used, name):
    assert run(name, "--folder", used, code=1) == (
        f"research-agent: no use of '{name}' is entered in {used}; datasets whose uses are: digits\n"
    )


def test_nothing_yet(tmp_path):
    assert run("--folder", tmp_path / "none") == f"no test split has been used in {tmp_path / 'none'} yet\n"
    assert json.loads(run("--json", "--folder", tmp_path)) == []


def test_the_ledger_outlives_its_goal(tmp_path):
    memory = MemoryWorld(goal(budget={"experiments": 6}), MemoryPlanner())
    keep(drive(memory, 0), tmp_path)
    before = run("--json", "--folder", tmp_path)
    assert json.loads(before)[0]["evaluations"] == memory.goal.status.attempts[0].runs
    purged = CliRunner().invoke(main, ["purge", memory.name, "--yes", "--folder", str(tmp_path)])
    assert purged.exit_code == 0 and run("--json", "--folder", tmp_path) == before
    assert [path.name for path in (tmp_path / "artifacts/default").iterdir()] == ["ledger"]


def test_a_damaged_entry_is_named(used):
    key = next((used / "artifacts").rglob("first-*/*/*-scored-*.json"))
    key.write_bytes(key.read_bytes()[:-40])
    said = run("--folder", used, code=1)
    assert said.startswith(
        f"research-agent: {key.relative_to(used / 'artifacts')} in {used} is damaged: Entry: not JSON"
    )
    made = entry(4, 4, at=5.0)
    key.write_bytes(made.to_json())
    assert "is the entry of another use" in run("--folder", used, code=1)


def test_without_a_store_of_ones_own_it_is_a_sentence(monkeypatch):
    monkeypatch.delenv("SEEDBED_S3_BUCKET", raising=False)
    said = run("--namespace", "research", code=1)
    assert (
        said.startswith("research-agent: the ledger can't be read from here. ")
        and "SEEDBED_S3_BUCKET" in said
    )


WRITER = """
import asyncio, sys
from pathlib import Path
from fakes.entries import entry
from seedbed.engine.ledger import entry_key
from seedbed.local.artifacts import FolderArtifacts
artifacts, wrote = FolderArtifacts(Path(sys.argv[1]) / "artifacts"), 0
for use in range(int(sys.argv[2]), int(sys.argv[2]) + 60):
    for made in (entry(4, None, owner=f"g-{use}"), entry(4, 4, owner=f"g-{use}")):
        wrote += asyncio.run(artifacts.put(entry_key("default", made), made.to_json()))
print(wrote)
"""


@pytest.mark.slow
def test_two_processes_on_one_folder_lose_and_double_nothing(tmp_path):
    """A third of the uses is entered by both."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    places = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    both = [
        subprocess.Popen([*command, first], stdout=subprocess.PIPE, text=True, env=places)
        for first in ("0", "40")
    ]
    written = [int(each.communicate()[0]) for each in both]
    assert sum(written) == 200 and [each.returncode for each in both] == [0, 0]
    found = [Entry.from_json(path.read_bytes()) for path in (tmp_path / "artifacts").rglob("*.json")]
    (source,) = by_source(found)
    assert (len(found), source.usage.evaluations, len(source.usage.goals)) == (200, 400, 100)
