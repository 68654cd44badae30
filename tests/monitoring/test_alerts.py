"""The alerts load, fire in time and only then (`promtool`), and each says what to do."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from fakes.prometheus import program

ROOT = Path(__file__).parents[2]
FILE = ROOT / "helm/seedbed/files/alerts.yaml"
CASES = Path(__file__).with_name("alerts_test.yaml")
RULES = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
RUNBOOK = "https://github.com/seedbed/seedbed/blob/main/docs/monitoring.md#"


def promtool(*arguments):
    done = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_load():
    promtool("check", "rules", str(FILE))


def test_each_fires_where_it_should_and_nowhere_else():
    promtool("test", "rules", str(CASES))


def test_each_has_a_case_that_fires():
    fired = set(re.findall(r'ALERTS{alertname="(\w+)"', CASES.read_text()))
    assert fired == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_it_says_what_is_wrong_and_what_to_do(rule):
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["for"]
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "runbook_url"}
    assert said["runbook_url"] == RUNBOOK + rule["alert"].lower()
    runbook = (ROOT / "docs/monitoring.md").read_text()
    assert re.search(rf"^#+ {rule['alert']}$", runbook, re.MULTILINE), "it has no section in the runbook"
