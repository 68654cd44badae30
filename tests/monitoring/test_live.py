"""A real Prometheus that scrapes the real operator: every panel has data, every alert fires."""

import math
import re
import time
import uuid

import pytest

from cluster.conftest import kubectl
from fakes.grafana import BOARDS, panels
from fakes.memory import goal
from fakes.playing import operator, until
from fakes.prometheus import scraping
from monitoring.test_alerts import FILE, RULES
from seedbed.api import ResearchGoal

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

OF_PODS = {"Run time, last hour", "Wait before a run, last hour"}  # played runs have none
NOTHING_WRONG = {
    "Unfinished goals", "Budgets nearly spent", "GPU hours per claim", "GPU hours settled, last hour",
    "Planner tokens, last hour", "Failures by class", "Alerts", "Reconcile errors, last 5 minutes",
    "Refused requests, last 5 minutes", "Failed requests, last 5 minutes", "Invalid proposals, last hour",
    "Retries, last hour",
}  # fmt: skip
TROUBLES = {"failing": 6, "losing": 1, "waiting": 1, "unplanned": 1, "unstored": 1}  # with their experiments
SOONER = {  # what the alerts wait for, in a test's time
    r"for: \w+": "for: 1s", "1h": "60s", "30m": "60s", "10m": "60s", "> 3600": "> 3", "> 86400": "> 9",
    "> 900": "> 2", "> 80000": "> 500",
}  # fmt: skip


@pytest.fixture
def namespace(crds):
    name = f"monitoring-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def submit(namespace, name, experiments=2, target=0.9):
    budget = {"experiments": experiments, "parallel": 2}
    document = goal(name, goal=name, objective={"target": target}, budget=budget).document()
    manifest = {**document, "metadata": {"name": name}}
    kubectl("create", "-n", namespace, "--validate=false", "-f", "-", given=manifest)


def finished(namespace, name):
    found = ResearchGoal.model_validate_json(kubectl("get", "-n", namespace, "rg", name, "-o", "json"))
    return found.status.finished


def empty_panels(prometheus, namespace):
    """The titles of the panels of which a query gives no number, or only the 0 for what was never counted."""
    return {
        panel.title
        for board in BOARDS
        for panel in panels(board, namespaces=namespace)
        for query, _ in panel.queries
        if not has_data(prometheus.query(query), "vector(0)" in query)
    }


def has_data(series, counted):
    values = [value for _, value in series if not math.isnan(value)]
    return any(values) if counted else bool(values)


def test_every_panel_has_data_after_a_goal(namespace, tmp_path):
    with operator(namespace, tmp_path) as process, scraping(tmp_path, process.metrics()) as prometheus:
        submit(namespace, "g", target=0.85)
        until(lambda: finished(namespace, "g"))
        until(lambda: prometheus.query("seedbed_goals_finished_total"))
        assert empty_panels(prometheus, namespace) - NOTHING_WRONG == OF_PODS
        (verdicts,) = [each for each in panels("research", namespace) if each.title == "Verdicts"]
        ((labels, count),) = prometheus.query(verdicts.queries[0][0])
        assert (labels["verdict"], count) == ("Achieved", 1), "a series' first event counts"


def sooner():
    """The rules, as they would be after hours."""
    text = FILE.read_text()
    for pattern, replacement in SOONER.items():
        assert re.search(pattern, text)
        text = re.sub(rf"{pattern}\b", replacement, text)
    return text


def test_every_alert_fires(namespace, tmp_path):
    started = time.monotonic()
    trouble = "fakes.troubled_operator"
    with operator(namespace, tmp_path, module=trouble) as process:
        with scraping(tmp_path, process.metrics(), sooner()) as prometheus:
            for name, experiments in TROUBLES.items():
                submit(namespace, name, experiments)
            fired = {}

            def all_but_one():
                for name, alert in prometheus.firing().items():
                    if name not in fired:
                        print(f"{name} after {time.monotonic() - started:.0f} s")
                    fired[name] = alert
                return len(fired) == len(RULES) - 1

            until(all_but_one)
            assert "SeedbedOperatorDown" not in fired
            process.kill()
            fired |= until(lambda: (now := prometheus.firing()) and "SeedbedOperatorDown" in now and now)
    assert set(fired) == {rule["alert"] for rule in RULES}
    for alert in fired.values():
        said = " ".join(alert["annotations"].values())
        assert "error" not in said and "no value" not in said and "  " not in said, said
