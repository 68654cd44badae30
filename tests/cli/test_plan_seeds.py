import json

import pytest
from click.testing import CliRunner

from seedbed.cli.main import main
from seedbed.engine.power import confirmation_power, needed_margin
from seedbed.report.design import cell

GOAL = """apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {name: g}
spec:
  goal: a test
  dataset: {name: digits}
  objective: {target: 0.97, confidence: 0.9, priorSd: 0.02}
  seeds: {explore: 3, confirm: 4}
  budget: {experiments: 7, confirmations: 1}
"""


def run(*arguments, **options):
    return CliRunner().invoke(main, ["plan-seeds", *map(str, arguments)], **options)


def test_power_margins_and_a_search_are_told():
    result = run("--sd", 0.01, "--margin", 0.02, "--attempts", 1, "--candidates", 5, "--confirm", 6)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    rows = [line.split() for line in lines[2:8]]
    assert [row[0] for row in rows] == ["0.005", "0.01", "0.015", "0.02", "0.03", "0.04"]
    known = confirmation_power(0.02, 0.01, confirm_seeds=6)
    assert rows[3] == ["0.02", "2.00", *cell(known).split()]
    assert lines[11].split() == [".80", f"{needed_margin(0.01, confirm_seeds=6):.4g}"]
    assert "A search over 5 candidates of which 10 % are 0.02 beyond the target" in result.stdout
    assert "near-normal scores; an sd over seeds of 0.01" in result.stdout
    assert "A plan, never a claim" in result.stdout


def test_a_manifest_is_what_is_planned():
    found = json.loads(run("--goal", "-", "--json", input=GOAL).stdout)
    assert (found["sd"], found["confidence"], found["explore"], found["confirm"]) == (0.02, 0.9, 3, 4)
    assert (found["attempts"], found["candidates"], found["good"]) == (1, 7, 0.1)
    assert found["margin"] == pytest.approx(0.03)  # what .80 needs is beyond a perfect score
    assert max(each["margin"] for each in found["confirmations"]) == pytest.approx(0.03)
    assert [each["power"] for each in found["needed"]] == [0.8, 0.9, 0.95]
    assert 0 < found["search"]["powerError"] < 0.03 and found["search"]["seedsError"] > 0
    said = run("--goal", "-", input=GOAL).stdout
    assert said.count("beyond the bound") == 3


def test_options_go_before_the_manifest():
    given = (
        "--sd",
        0.004,
        "--confidence",
        0.8,
        "--explore",
        1,
        "--candidates",
        3,
        "--confirm",
        6,
        "--good",
        1,
    )
    found = json.loads(run("--goal", "-", *given, "--json", input=GOAL).stdout)
    assert (found["sd"], found["confidence"], found["explore"]) == (0.004, 0.8, 1)
    assert (found["candidates"], found["confirm"], found["good"]) == (3, 6, 1.0)
    assert found["search"]["power"] > 0.7


def test_a_plot_beside_it(tmp_path):
    small = ("--sd", 0.02, "--confidence", 0.9, "--attempts", 1, "--candidates", 1, "--confirm", 4)
    assert run(*small, "--plot", tmp_path / "plan.svg").exit_code == 0
    assert "true mean beyond the target" in (tmp_path / "plan.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give `--sd`, the standard deviation over seeds, such as 0.01; or `--goal FILE`"),
        (["--sd", "nan"], "nan is no finite number"),
        (["--sd", "-1"], "-1.0 is not in the range x>0"),
        (
            ["--goal", "-", "--margin", "0.04"],
            "`--margin` is 0.04 but from the target of - to the best value",
        ),
        (["--goal", "none.yaml"], "none.yaml: there is no such file"),
        (["--sd", "0.01", "--plot", "plan"], "plan is no plot's name"),
    ],
)
def test_mistakes_are_sentences(arguments, words):
    result = run(*arguments, input=GOAL)
    assert result.exit_code == 2 and words in result.stderr and not result.stdout


def test_one_goal_at_a_time():
    two = f"{GOAL}---\n{GOAL.replace('name: g', 'name: h')}"
    said = run("--goal", "-", input=two).stderr
    assert "`--goal` needs a manifest with one ResearchGoal, but - has 2" in said
