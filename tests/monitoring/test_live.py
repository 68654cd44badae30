"""A real Prometheus that scrapes the real operator: every panel has data, every alert fires."""

import re
import uuid

import pytest

from cluster.conftest import kubectl
from fakes.grafana import empty_panels, panels
from fakes.memory import goal
from fakes.playing import operator, until
from fakes.prometheus import scraping
from monitoring.test_alerts import FILE, RULES
from seedbed.api import ResearchGoal

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

OF_PODS = {"Run time, last hour", "Wait before a run, last hour"}  # played runs have none
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


def test_every_panel_has_data_after_a_goal(namespace, tmp_path):
    with operator(namespace, tmp_path) as process, scraping(tmp_path, process.metrics()) as prometheus:
        submit(namespace, "g", target=0.85)
        until(lambda: finished(namespace, "g"))
        until(lambda: prometheus.query("seedbed_goals_finished_total"))
        assert empty_panels(prometheus, namespace) == OF_PODS
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
    fired = {}
    with operator(namespace, tmp_path, module="fakes.troubled_operator") as process:
        with scraping(tmp_path, process.metrics(), sooner()) as prometheus:
            for name, experiments in TROUBLES.items():
                submit(namespace, name, experiments)

            def seen():
                fired.update(prometheus.firing())
                return set(fired)

            every = {rule["alert"] for rule in RULES}
            until(lambda: seen() >= every - {"SeedbedOperatorDown"})
            # A scrape that a busy machine was late for may have fired it for a moment.
            until(lambda: "SeedbedOperatorDown" not in prometheus.firing())
            fired.pop("SeedbedOperatorDown", None)
            process.kill()
            until(lambda: seen() == every)
    for alert in fired.values():
        said = " ".join(alert["annotations"].values())
        assert "error" not in said and "no value" not in said and "  " not in said, said
