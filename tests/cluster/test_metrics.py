"""The registry as it is documented, and a played goal's metrics as the real operator serves them."""

import re
import time
import urllib.request
import uuid
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cluster.conftest import kubectl
from fakes.memory import goal
from fakes.playing import operator, until
from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster import families
from seedbed.cluster.families import Family
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.present import Present
from seedbed.cluster.queue import WorkQueue
from seedbed.cluster.vitals import Heard, Vitals

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(seedbed_\w+)` \| (counter|gauge|histogram) \| (.*?) \| (.*) \|$", re.MULTILINE)
NAME = "unmistakable"
PATIENCE = 60


def test_the_documentation_is_the_registry():
    rows = ROW.findall((ROOT / "docs/metrics.md").read_text())
    assert rows == [
        (each.name, each.type, ", ".join(f"`{label}`" for label in each.labels) or "–", each.meaning)
        for each in families.ALL
    ]


def test_every_family_is_told_of():
    metrics = Metrics()
    metrics.registry.register(Present(metrics.census, dict))
    metrics.registry.register(Vitals(WorkQueue(None, None), Heard()))
    told = {
        (each.name + "_total" if each.type == "counter" else each.name, each.type, each.documentation)
        for each in metrics.registry.collect()
        if each.name.startswith("seedbed_")
    }
    assert told == {(each.name, each.type, each.meaning) for each in families.ALL}
    assert len(families.ALL) == 31


def test_no_label_can_name_what_users_make_many_of():
    labels = {label for each in families.ALL for label in each.labels}
    assert labels == {
        "goal_namespace", "phase", "verdict", "reason", "purpose", "outcome", "use", "budget", "kind",
        "error", "resource", "method", "code", "planner", "direction", "store", "operation", "version",
        "python",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/api/v1/namespaces/team/pods?labelSelector=a%2Fb", "pods"),
        ("/apis/batch/v1/namespaces/namespaces/jobs/digits-e001-s0-a1", "jobs"),
        ("/apis/seedbed.dev/v1alpha1/namespaces/team/experiments/digits-e001/status", "experiments"),
        ("/apis/seedbed.dev/v1alpha1/researchgoals?limit=1", "researchgoals"),
    ],
)
def test_requests_to_the_api_server_are_counted_by_their_resource(path, resource):
    metrics = Metrics()
    metrics.asked("GET", path, "200")
    labels = {"method": "GET", "resource": resource, "code": "200"}
    assert metrics.registry.get_sample_value("seedbed_api_requests_total", labels) == 1


def test_a_namespace_that_is_gone_leaves_no_series():
    metrics = Metrics()
    for namespace in ("team", "other"):
        for each in families.ALL:
            if families.NAMESPACE in each.labels and each.type != "gauge":
                _touch(metrics, each, namespace)
    metrics.forget("team")
    left = {s.labels.get(families.NAMESPACE) for each in metrics.registry.collect() for s in each.samples}
    assert left == {None, "other"}


def _touch(metrics: Metrics, family: Family, namespace: str) -> None:
    labels = [namespace, *["x"] * (len(family.labels) - 1)]
    metrics.count(family, *labels) if family.type == "counter" else metrics.observe(family, 1.0, *labels)


# On a cluster


@pytest.fixture
def namespace(crds):
    name = f"metrics-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


class Scrape:
    def __init__(self, address):
        with urllib.request.urlopen(f"http://{address}/metrics") as answer:
            self.text = answer.read().decode()
        families = text_string_to_metric_families(self.text)
        self.samples = [sample for family in families for sample in family.samples]

    def sum(self, name, **labels):
        found = [each for each in self.samples if each.name == f"seedbed_{name}"]
        return sum(each.value for each in found if labels.items() <= each.labels.items())

    def by(self, name, label):
        totals = Counter()
        for each in self.samples:
            if each.name == f"seedbed_{name}":
                totals[each.labels[label]] += each.value
        return +totals


def read(namespace, kind, plural):
    listed = kubectl("get", "-n", namespace, plural, "-o", 'jsonpath={range .items[*]}{@}{"\\n"}{end}')
    return [kind.model_validate_json(line) for line in listed.splitlines()]


@pytest.mark.slow
@pytest.mark.cluster
def test_a_played_goals_metrics_are_what_its_statuses_say_and_a_restart_counts_nothing_twice(
    namespace, tmp_path
):
    document = goal(NAME, budget={"experiments": 4, "parallel": 2}).document()
    with operator(namespace, tmp_path, "first") as first:
        address = first.metrics()
        given = {**document, "metadata": {"name": NAME}}
        kubectl("create", "-n", namespace, "--validate=false", "-f", "-", given=given)
        until(lambda: Scrape(address).sum("goals_finished_total"))
        until(lambda: Scrape(address).by("experiments", "phase").keys() <= {"Dropped", "Completed"})
        told = Scrape(address)
        assert first.end() == 0
    (status,) = (each.status for each in read(namespace, ResearchGoal, "rg"))
    experiments = read(namespace, Experiment, "exp")
    runs = [run for each in experiments for run in each.status.runs]

    assert told.sum("goals_finished_total", verdict=status.phase, reason=status.verdict.reason) == 1
    assert told.by("goals", "phase") == {status.phase: 1}
    assert told.by("experiments", "phase") == Counter(each.status.phase for each in experiments)
    assert told.sum("runs_finished_total", outcome="Succeeded") == sum(run.ended for run in runs)
    assert told.sum("run_attempts_total") == sum(run.attempt for run in runs)
    assert told.sum("status_lag_seconds_count") == sum(run.ended for run in runs)
    assert 0 < told.sum("status_lag_seconds_sum") < 5 * len(runs)
    assert told.by("experiments_finished_total", "purpose")["Explore"] == len(status.experiments)
    assert told.sum("planner_calls_total", planner="Search", outcome="ok") >= len(status.experiments)
    assert told.sum("api_requests_total", method="POST", resource="jobs", code="201") > 0
    assert told.sum("store_requests_total", operation="get", outcome="ok") > 0
    assert told.sum("reconcile_seconds_count", kind="ResearchGoal") > 0
    ages = told.by("watch_age_seconds", "resource")
    assert max(ages["researchgoals"], ages["experiments"], ages["jobs"]) < ages["pods"]  # there were none
    assert told.sum("lease_held", goal_namespace=namespace) == 1
    assert 0 < time.time() - told.sum("last_progress_timestamp_seconds") < PATIENCE
    assert 0 < told.sum("status_bytes", kind="ResearchGoal") < 100_000
    assert NAME not in told.text and namespace in told.text
    assert "process_cpu_seconds_total" in told.text and "python_gc_collections_total" in told.text

    with operator(namespace, tmp_path, "second") as second:
        address = second.metrics()
        until(lambda: Scrape(address).by("goals", "phase") == told.by("goals", "phase"))
        until(lambda: Scrape(address).by("experiments", "phase") == told.by("experiments", "phase"))
        again = Scrape(address)
        assert again.sum("last_progress_timestamp_seconds") == pytest.approx(
            told.sum("last_progress_timestamp_seconds"), abs=2
        )
        kubectl("delete", "-n", namespace, "rg", NAME, "--wait=false")
        until(lambda: not Scrape(address).by("goals", "phase") + Scrape(address).by("experiments", "phase"))
        again = Scrape(address)
        for counter in ("goals_finished", "experiments_finished", "runs_finished", "run_attempts"):
            assert again.sum(f"{counter}_total") == 0, counter
