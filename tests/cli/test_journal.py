"""`research-agent journal`, and the journal that `run --replay` takes.

The text in golden/ is what a person reads: `WRITE_GOLDEN=1 pytest tests/cli/test_journal.py` writes it anew.
"""

import asyncio
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakes.keeping import put
from fakes.recorded import CALLS, MESSAGES, failed, keep_journal, planned_goal
from report.goals import build_goal
from seedbed.cli.documents import FolderDocuments
from seedbed.cli.main import main
from seedbed.planning.llm.journal import Call

GOLDEN = Path(__file__).parent / "golden" / "journal.txt"


def run(*arguments, code=0, columns=100):
    env = {"COLUMNS": str(columns), "SEEDBED_FOLDER": "/nowhere"}
    done = CliRunner().invoke(main, [*map(str, arguments)], env=env)
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    keep_journal(folder)
    return folder


def test_the_journal_reads_well(kept):
    said = "\n".join(line.rstrip() for line in run("journal", "--folder", kept).splitlines()) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(said)
    assert said == GOLDEN.read_text()


@pytest.mark.parametrize("arguments", [(), ("--prompts",), ("--call", "e002-02"), ("--json",)])
def test_nothing_that_a_model_wrote_reaches_the_terminal_as_more_than_text(kept, arguments):
    said = run("journal", "digits", *arguments, "--folder", kept)
    assert all(letter.isprintable() or letter == "\n" for letter in said)
    assert ("[bold]helps[/bold]" in said) == (arguments != ("--call", "e002-02"))


def test_one_call_whole(kept):
    said = run("journal", "--call", "2-1", "--folder", kept)
    for words in ("e002-01", "2 experiments from 2 on", "at most 4,000 of the prompt, 2,000 of the answer",
                  "could not be used", "– training.epochs: write 1 to 10000, not 0",
                  "You plan.\n    JSON only.", "What next?", "12:00:02.500Z, ended with stop"):  # fmt: skip
        assert words in said
    assert said.splitlines()[-1] == "{"


def test_prompts_are_shown_in_full_when_asked_for(kept):
    assert "What next?" not in run("journal", "--folder", kept)
    assert run("journal", "--prompts", "--folder", kept).count("What next?") == len(CALLS)


def test_json_is_the_whole_journal(kept):
    lines = run("journal", "--json", "--folder", kept).splitlines()
    assert [Call.model_validate_json(line) for line in lines] == CALLS
    (one,) = run("journal", "--json", "--call", "e004-01", "--folder", kept).splitlines()
    assert Call.model_validate_json(one) == CALLS[4]


@pytest.mark.parametrize(
    ("call", "code", "sentence"),
    [("second", 2, "'second' names no call: write it like e003-02"),
     ("e009-01", 1, "the journal holds no call e009-01; there are: e001-01, e001-02, e002-01, ")],
)  # fmt: skip
def test_a_call_that_is_not_there(kept, call, code, sentence):
    assert sentence in run("journal", "--call", call, "--folder", kept, code=code)


def test_a_call_that_could_not_be_sent_says_why(tmp_path):
    keep_journal(
        tmp_path, calls=[*CALLS[:2], failed(2, 1, "NoSuchProvider", "no provider default is set up")]
    )
    said = [line.strip() for line in run("journal", "--folder", tmp_path).splitlines()]
    at = said.index("e002-01   not sent: NoSuchProvider")
    assert said[at + 1 : at + 3] == ["– no provider default is set up", "– what to do: wait a little"]


def test_a_call_under_way_is_not_lost(tmp_path):
    planning = {"index": 4, "call": 1, "state": "Asking"}
    keep_journal(tmp_path, planned_goal(planning=planning, phase="Searching", verdict=None), CALLS[:5])
    said = [line.strip() for line in run("journal", "--folder", tmp_path).splitlines()]
    assert "e004-01   first turn · asked, no answer yet" in said


@pytest.mark.parametrize(
    ("state", "words"),
    [("Waiting", "another call follows at 2026-01-31T12:00:09.000Z (RateLimited: too many requests)"),
     ("Fallback", "the search planner proposes experiment 7 (RateLimited: too many requests)"),
     ("Ended", "nobody proposes experiment 7 (RateLimited: too many requests)")],
)  # fmt: skip
def test_how_it_stands_is_said_at_the_end(tmp_path, state, words):
    planning = {"index": 7, "call": 2, "state": state, "retryAt": "2026-01-31T12:00:09.000Z"}
    why = {"reason": "RateLimited", "message": "too many requests"}
    keep_journal(tmp_path, planned_goal(planning=planning | why))
    assert run("journal", "--folder", tmp_path).splitlines()[-1] == words


def test_damaged_entries_are_told_and_the_rest_is_shown(tmp_path):
    documents = keep_journal(tmp_path)
    (path,) = documents.artifacts.root.rglob("e002-01-reply.json")
    path.write_text("{")
    done = CliRunner().invoke(main, ["journal", "--folder", str(tmp_path)])
    assert done.exit_code == 1 and "e002-02" in done.stdout and "e006-01" in done.stdout
    assert done.stderr.startswith(f"research-agent: {tmp_path}: default/digits-")
    assert "e002-01-reply.json is damaged: no JSON, " in done.stderr
    (path,) = documents.artifacts.root.rglob("e003.json")
    path.write_text("{}")
    assert "e003.json" in run("journal", "--folder", tmp_path, code=1)


def test_a_goal_of_the_search_planner_has_none(tmp_path):
    put(tmp_path, build_goal())
    said = run("journal", "--folder", tmp_path)
    assert said.startswith(
        "the search planner plans digits, and asks no model; its reasons: research-agent report"
    )
    assert run("journal", "--json", "--folder", tmp_path) == ""


def test_nothing_asked_yet(tmp_path):
    put(tmp_path, build_goal(planner={"type": "LLM"}))
    assert run("journal", "--folder", tmp_path) == "digits: no call to a planning LLM is kept\n"


def test_a_store_that_is_out_of_reach(kept, monkeypatch):
    monkeypatch.setattr(FolderDocuments, "limits", lambda self: "Name the store.")
    said = run("journal", "--folder", kept, code=1)
    assert said == "research-agent: the journal can't be read from here. Name the store.\n"


LLM, SEARCH = build_goal(planner={"type": "LLM"}), build_goal()


@pytest.fixture
def given(monkeypatch):
    """What the manifest holds, and the manners of what was driven."""
    goals, manners = [LLM], []
    monkeypatch.setattr("seedbed.cli.manifests.read", lambda manifest: goals)
    monkeypatch.setattr("seedbed.cli.drive.drive", lambda settings, work, manner: manners.append(manner) or 0)
    return goals, manners


@pytest.mark.parametrize(
    ("goals", "journal", "sentence"),
    [([LLM], "not json", "line 1: no call of a journal ("),
     ([LLM], None, "can't read the journal: No such file or directory"),
     ([SEARCH], "", "is for one goal with `planner: {type: LLM}`: give one such manifest"),
     ([LLM, LLM], "", "is for one goal with `planner: {type: LLM}`: give one such manifest")],
)  # fmt: skip
def test_a_replay_that_can_not_be_is_refused_before_anything_runs(tmp_path, given, goals, journal, sentence):
    given[0][:] = goals
    if journal is not None:
        (tmp_path / "j.jsonl").write_text(journal)
    assert sentence in run("run", "goal.yaml", "--replay", tmp_path / "j.jsonl", code=2)
    assert not given[1]


def test_a_replay_is_handed_to_what_drives(tmp_path, kept, given):
    (tmp_path / "j.jsonl").write_text(run("journal", "--json", "--folder", kept))
    run("run", "goal.yaml", "--replay", tmp_path / "j.jsonl")
    (manner,) = given[1]
    reply = asyncio.run(manner.replay.ask(None, MESSAGES, {}, 1, 1.0, index=1, call=2))
    assert reply.model == "m-2026" and manner.replay.differences == []
