import json

import pytest
from click.testing import CliRunner

from fakes.driving import drive
from fakes.keeping import keep
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.cli.main import main


def run(*arguments):
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A goal whose three candidates are explored with five seeds each, at .91, .92 and .93."""
    root = tmp_path_factory.mktemp("runs")
    planner = MemoryPlanner(lambda request, noise: 0.9 + 0.01 * request.index)
    spec = {"budget": {"experiments": 3, "confirmations": 1}, "seeds": {"explore": 5}}
    world = MemoryWorld(goal(objective={"target": 0.95, "priorSd": 0.2}, **spec), planner=planner, sd=0.002)
    keep(drive(world, 0), root)
    return root


def test_the_better_one_is_named(folder):
    result = run("g-e001", "g-e002", "g-e003", "--folder", folder)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["experiment", "mean", "interval", "sd", "seeds"]
    assert lines[5].split()[:5] == ["experiment", "against", "ahead", "by", "Hedges'"]
    told = [each for each in lines if " is better than g-e001 by 0.0" in each]
    assert [each[:6] for each in told] == ["g-e002", "g-e003"]
    assert all("95 % interval [" in each and "p (Holm) " in each for each in told)
    assert "Explorations are compared after selection" in result.stdout


def test_pairs_confidence_and_json(folder):
    result = run("g-e002", "g-e001", "--paired", "--confidence", "0.9", "--json", "--folder", folder)
    found = json.loads(result.stdout)
    assert found["paired"] and found["confidence"] == 0.9 and found["direction"] == "Maximize"
    (pair,) = found["comparisons"]
    assert (pair["a"], pair["b"], pair["finding"], pair["degrees"]) == ("g-e002", "g-e001", "Worse", 4)
    assert pair["low"] < pair["aheadBy"] < pair["high"] < 0 and pair["gLow"] is None
    assert [each["seeds"] for each in found["experiments"]] == [[0, 1, 2, 3, 4]] * 2
    every = json.loads(run("g-e001", "g-e002", "g-e003", "--all-pairs", "--json", "--folder", folder).stdout)
    assert len(every["comparisons"]) == 3


def test_a_plot_beside_it(folder, tmp_path):
    assert run("g-e001", "g-e002", "--plot", tmp_path / "p.svg", "--folder", folder).exit_code == 0
    assert "g-e002" in (tmp_path / "p.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "name two Experiments or more, each once: `research-agent compare A B`"),
        (["g-e001"], 2, "name two Experiments or more"),
        (["g-e001", "g-e001"], 2, "each once"),
        (["g-e001", "g"], 1, "g is a goal, and this command is for Experiments"),
        (["g-e001", "none"], 1, "there is no none in "),
        (["g-e001", "g-c1"], 2, "g-e001 has the split validation but g-c1 has test"),
        (["g-e001", "g-e002", "--plot", "p.txt"], 2, "p.txt is no plot's name: it ends in .png, .svg, .pdf"),
        (["g-e001", "g-e002", "--plot", "/none/p.png"], 1, "/none/p.png: no such file or directory"),
    ],
)
def test_mistakes_are_sentences(folder, arguments, code, words):
    result = run(*arguments, "--folder", folder)
    assert result.exit_code == code and words in result.stderr and not result.stdout


def test_where_records_can_not_be_read_the_store_is_asked_for(folder, monkeypatch):
    from seedbed.cli.documents import FolderDocuments

    monkeypatch.setattr(FolderDocuments, "artifact", lambda self, key: None)
    assert "g-e001 has 0 scored seeds on record" in run("g-e001", "g-e002", "--folder", folder).stderr
    monkeypatch.setattr(FolderDocuments, "limits", lambda self: "there is no store")
    assert "name that by SEEDBED_S3_BUCKET" in run("g-e001", "g-e002", "--folder", folder).stderr
