"""A release over its life: upgraded and removed in the middle of a goal, which minds neither.

The cluster's custom resources become the release's (`--take-ownership`: helm 3.17 or newer).
"""

import json
import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.conftest import (
    PATIENCE,
    RELEASE,
    Installation,
    comparable,
    counted,
    kubectl,
    store_secret,
    until,
    values_for,
)  # fmt: skip
from fakes.helm import CHART, helm
from fakes.operating import node_address
from fakes.seaweed import running

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

GOAL = {
    "apiVersion": "seedbed.dev/v1alpha1",
    "kind": "ResearchGoal",
    "metadata": {"name": "released"},
    "spec": {
        "goal": "Outlive releases",
        "dataset": {"name": "iris", "split": {"test": 0.3, "validation": 0.3}},
        "objective": {"metric": "accuracy", "target": 0.8},
        "seeds": {"explore": 1, "confirm": 4},
        "budget": {"experiments": 3, "parallel": 2, "confirmations": 1},
        "resources": {"cpu": 0.6, "memory": "1Gi"},
    },
}
CRD = "researchgoals.seedbed.dev"
BEFORE = {"chart": "before"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A namespace with a store, and no release yet."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("KUBECONFIG names no cluster")
    namespace = f"release-{uuid.uuid4().hex[:6]}"
    kubectl("create", "namespace", namespace)
    with running(tmp_path_factory.mktemp("store"), address=node_address()) as store:
        values = values_for(store) | {"crds": {"enabled": True}}
        values["profiles"]["default"]["prepare"] = {"cpu": 0.6, "memory": "1Gi"}
        place = Installation(namespace, store, values)
        store_secret(namespace, store)
        yield place
        print(place.kubectl("logs", f"deploy/{RELEASE}", "--tail=200", check=False))
    kubectl("delete", "namespace", namespace, "--wait=false")


def release(place, verb, chart, **values):
    """Install or upgrade."""
    options = ["--wait", "--timeout", "3m", "--take-ownership", *for_old_servers()]
    helm(verb, RELEASE, chart, "-n", place.namespace, *options, values=place.values | values)


def for_old_servers():
    """What helm needs where the API server is older than the rules in the custom resources' schemas."""
    version = json.loads(kubectl("version", "-o", "json"))["serverVersion"]
    if int(version["minor"].rstrip("+")) >= 25:
        return []
    client_side = ["--server-side=false"] if helm("version", "--short").startswith("v4") else []
    return ["--disable-openapi-validation", *client_side]


def packaged_before(tmp_path):
    """The chart as a package of an earlier version, with something else in a custom resource."""
    folder = tmp_path / "seedbed"
    shutil.copytree(CHART, folder)
    crd = folder / "files/crds/researchgoals.yaml"
    crd.write_text(crd.read_text().replace(f"  name: {CRD}\n", f"  name: {CRD}\n  labels: {BEFORE}\n"))
    helm("package", folder, "--version", "0.0.1", "--destination", tmp_path)
    return tmp_path / "seedbed-0.0.1.tgz"


def labels():
    """The labels of the custom resource in the cluster."""
    return json.loads(kubectl("get", "crd", CRD, "-o", "json"))["metadata"].get("labels", {})


def beside(laptop, tmp_path):
    """The same goal on this machine, while the cluster works."""
    manifest = tmp_path / "goal.json"
    manifest.write_text(json.dumps(GOAL))
    return ThreadPoolExecutor().submit(laptop, manifest)


def operators(place):
    """The UIDs of the operator's pods."""
    pods = place.list("pods", "app.kubernetes.io/name=seedbed-operator")
    return [pod["metadata"]["uid"] for pod in pods]


def test_a_goal_outlives_an_upgrade_and_a_removal(place, laptop, tmp_path):
    release(place, "install", packaged_before(tmp_path), log={"format": "text", "level": "DEBUG"})
    assert BEFORE.items() <= labels().items()
    place.apply(GOAL)
    truth = beside(laptop, tmp_path)
    until(lambda: place.list("jobs", "seedbed.dev/experiment=released-e001"), PATIENCE)

    goal, before = place.goal("released"), operators(place)
    release(place, "upgrade", CHART)
    assert "chart" not in labels()
    assert len(operators(place)) == 1 and operators(place) != before
    until(lambda: place.list("jobs", "seedbed.dev/experiment=released-c1"), PATIENCE)

    place.apply(GOAL | {"metadata": {"name": "unlucky"}, "spec": GOAL["spec"] | {"suspend": True}})
    until(lambda: place.goal("unlucky").status.phase == "Suspended")
    helm("uninstall", RELEASE, "-n", place.namespace, "--wait")
    until(lambda: operators(place) == [])
    assert not place.goal("released").status.finished
    left = place.list("rg,exp,jobs,leases,configmaps,roles,rolebindings,networkpolicies,serviceaccounts")
    assert not [each for each in left if "finalizers" in each["metadata"]]
    assert not [each for each in left if each["metadata"].get("labels", {}).get("app.kubernetes.io/instance")]
    place.kubectl("delete", "rg", "unlucky", "--timeout=20s")
    until(lambda: not [job for job in place.list("jobs") if job["status"].get("active")], PATIENCE)
    seen = place.records("released")

    release(place, "install", CHART)
    status = place.finished("released").status
    assert place.goal("released").metadata.uid == goal.metadata.uid
    assert comparable(status) == comparable(truth.result()[0])
    records = place.records("released")
    assert set(counted(status)) <= set(records) and seen.items() <= records.items()
    for experiment in place.list("exp"):
        assert {run["attempt"] for run in experiment["status"]["runs"]} <= {0, 1}


def test_what_is_removed_for_good_leaves_the_artifacts(place):
    """After the test before: its goal is over."""
    records = place.records("released")
    helm("uninstall", RELEASE, "-n", place.namespace, "--wait")
    place.kubectl("delete", "rg,exp", "--all", "--timeout=20s")
    until(lambda: not place.list("exp,jobs,pods"))
    assert records and place.records("released") == records
    assert kubectl("get", "crd", CRD)
