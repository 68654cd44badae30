"""One installation for all end-to-end tests of the cluster: the chart, the images, a store.

Needs KUBECONFIG, the images `ghcr.io/seedbed/{operator,runner,standin}:$SEEDBED_TEST_TAG` (default dev) on
the nodes, and `helm` (or $HELM). The store is a SeaweedFS of these tests that pods reach at the first node's
address, or at $SEEDBED_TEST_HOST.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.helm import CHART, helm
from fakes.operating import TAG, node_address
from fakes.seaweed import Seaweed, running
from seedbed.api import ResearchGoal
from seedbed_runner.contract.records import RunResult

ROOT = Path(__file__).parents[2]
RELEASE = "seedbed"
PATIENCE = 600  # seconds for a goal
WALL_CLOCK = {"time", "started_at", "seconds", "gpu_seconds"}


def kubectl(*arguments, given=None, check=True):
    """What kubectl prints."""
    done = subprocess.run(["kubectl", *map(str, arguments)], input=given, text=True, capture_output=True)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Installation:
    """A namespace in which the operator works, and its store."""

    namespace: str
    store: Seaweed
    values: dict

    def kubectl(self, *arguments, **options):
        """kubectl in the namespace."""
        return kubectl("-n", self.namespace, *arguments, **options)

    def get(self, kind, name):
        """A document as it is now; empty while there is none."""
        return json.loads(self.kubectl("get", "--ignore-not-found", kind, name, "-o", "json") or "{}")

    def list(self, kind, label=""):
        """All documents of a kind that have the label."""
        return json.loads(self.kubectl("get", kind, "-l", label, "-o", "json"))["items"]

    def apply(self, manifest):
        """Apply a manifest: its path, or the document."""
        text = manifest.read_text() if isinstance(manifest, Path) else json.dumps(manifest)
        self.kubectl("apply", "--validate=false", "-f", "-", given=text)

    def helm(self, verb, **values):
        """Install or upgrade the chart with these values beside the installation's own."""
        waiting = ("--wait", "--timeout", "3m")
        helm(verb, RELEASE, CHART, "-n", self.namespace, *waiting, values=self.values | values)

    def goal(self, name):
        """A goal as it is now."""
        return ResearchGoal.model_validate(self.get("rg", name))

    def finished(self, name):
        """A goal once it is over."""
        return until(lambda: (goal := self.goal(name)).status.finished and goal, PATIENCE)

    def keys(self, prefix):
        """What the store holds below a prefix."""
        lists = self.store.client(attempts=8).get_paginator("list_objects_v2")
        pages = lists.paginate(Bucket=self.store.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def records(self, goal):
        """The records of a goal's runs, as they are stored, by experiment and seed."""
        client, found = self.store.client(attempts=8), {}
        for key in self.keys(f"{self.namespace}/{goal}-"):
            if key.endswith("/result.json"):
                data = client.get_object(Bucket=self.store.bucket, Key=key)["Body"].read()
                result = RunResult.from_json(data)
                found[result.experiment, result.seed] = data
        return found


def until(condition, seconds=120.0, pause=1.0):
    """What `condition` returns once that is true; what it fails with tells how the cluster is."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            pytest.fail(f"it did not come to that in {seconds:g} s; {surroundings()}")
        time.sleep(pause)
    return found


def surroundings():
    """One line for whoever reads a failure elsewhere: nodes in distress, pods not ended, what is free."""

    def read(kind):
        return json.loads(kubectl("get", kind, "--all-namespaces", "-o", "json"))["items"]

    conditions = [each for node in read("nodes") for each in node["status"]["conditions"]]
    distress = [c["type"] for c in conditions if c["status"] != ("True" if c["type"] == "Ready" else "False")]
    pods = [
        f"{pod['metadata']['name']} {pod['status']['phase']}"
        for pod in read("pods")
        if pod["status"]["phase"] in ("Pending", "Running")
    ]
    free = f"{shutil.disk_usage('/').free / 1e9:.0f} GB free, load {os.getloadavg()[0]:.0f}"
    return f"nodes: {distress or 'well'}; pods: {', '.join(pods) or 'none'}; {free}"


def comparable(status):
    """What a goal's status says of its search and its verdict, without times."""

    def strip(value):
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key not in WALL_CLOCK}
        return [strip(item) for item in value] if isinstance(value, list) else value

    parts = {"experiments", "integrity", "attempts", "claim", "verdict"}
    return strip(json.loads(status.model_dump_json(include=parts)))


def counted(status):
    """The runs on which a goal's verdict rests: experiment and seed."""
    explored = [(line.name, seed) for line in status.experiments for seed in range(line.n)]
    confirmed = [(a.experiment, 1000 * a.attempt + i) for a in status.attempts for i in range(len(a.scores))]
    return explored + confirmed


@pytest.fixture(scope="session")
def laptop(tmp_path_factory):
    """Runs a goal's manifest on this machine: its status, and its records by experiment and seed."""

    def run(manifest):
        folder = tmp_path_factory.mktemp("laptop")
        command = [Path(sys.executable).with_name("research-agent"), "run", manifest, "--folder", folder]
        done = subprocess.run([*command, "--plain", "--no-report"], capture_output=True, text=True)
        assert done.returncode in (0, 3), done.stderr
        (document,) = (folder / "resources/researchgoals").glob("*.json")
        found = [
            RunResult.from_json(path.read_bytes())
            for path in folder.glob("artifacts/*/*/runs/*/s*/result.json")
        ]
        status = ResearchGoal.model_validate_json(document.read_bytes()).status
        return status, {(record.experiment, record.seed): record for record in found}

    return run


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A namespace with the operator from the chart, and its store."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("KUBECONFIG names no cluster")
    namespace = f"e2e-{uuid.uuid4().hex[:6]}"
    kubectl("apply", "--validate=false", "-f", ROOT / "crds")
    kubectl("create", "namespace", namespace)
    with running(tmp_path_factory.mktemp("store"), address=node_address()) as store:
        installation = Installation(namespace, store, values_for(store))
        store_secret(namespace, store)
        installation.helm("install")
        yield installation
        print(installation.kubectl("logs", f"deploy/{RELEASE}", "--tail=200", check=False))
        helm("uninstall", RELEASE, "-n", namespace)
    kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.failed and (place := item.funcargs.get("installed")):
        place.kubectl("delete", "rg,exp", "--all", "--wait=false")  # else their runs keep the node full
    return report


def store_secret(namespace, store):
    """The Secret with a store's keys, as the values name it."""
    keys = {"AWS_ACCESS_KEY_ID": store.key, "AWS_SECRET_ACCESS_KEY": store.secret}
    literals = [f"--from-literal={name}={value}" for name, value in keys.items()]
    kubectl("-n", namespace, "create", "secret", "generic", "seedbed-s3", *literals)


def values_for(store):
    """The chart's values: a profile that works, one without an image, and one that plays."""
    small = {"cpu": 0.4, "memory": "1Gi", "storage": "256Mi"}
    profile = {"image": f"ghcr.io/seedbed/runner:{TAG}", "device": "cpu", "maxCpu": 256, "prepare": small}
    standin = {"image": f"ghcr.io/seedbed/standin:{TAG}", "device": "cpu", "storage": {"out": "16Mi"}}
    return {
        "image": {"tag": TAG},
        "profiles": {
            "default": profile,
            "missing": profile | {"image": "ghcr.io/seedbed/missing:1"},
            "standin": standin,
        },
        "stores": {"default": {"endpoint": store.endpoint, "bucket": store.bucket, "secret": "seedbed-s3"}},
        "storeSecret": "seedbed-s3",
        "crds": {"enabled": False},  # applied before: other tests of the cluster use them too
        "log": {"format": "text", "level": "INFO"},
        "jobTtl": 3600,  # tests count the Jobs in the end
    }
