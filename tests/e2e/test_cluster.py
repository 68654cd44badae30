"""The operator as its user meets it: installed by Helm, in a pod under its own RBAC, with images and a store.

Needs KUBECONFIG, the images `ghcr.io/seedbed/{operator,runner}:$SEEDBED_TEST_TAG` (default dev) on the nodes,
and `helm` (or $HELM). The store is a SeaweedFS of this test on the node's side of the network.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from fakes.seaweed import running
from seedbed.api import ResearchGoal
from seedbed_runner.contract.records import RunResult

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

ROOT = Path(__file__).parents[2]
TAG = os.environ.get("SEEDBED_TEST_TAG", "dev")
HELM = os.environ.get("HELM") or shutil.which("helm")
WALL_CLOCK = {"seconds", "gpu_seconds"}
PATIENCE = 600


def kubectl(*arguments, given=None, check=True):
    done = subprocess.run(["kubectl", *map(str, arguments)], input=given, text=True, capture_output=True)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A namespace with the operator from the chart, and its store."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("KUBECONFIG names no cluster")
    assert HELM, "helm is not on the PATH, and $HELM names none"
    namespace = f"e2e-{uuid.uuid4().hex[:6]}"
    kubectl("apply", "--validate=false", "-f", ROOT / "crds")
    kubectl("create", "namespace", namespace)
    address = os.environ.get("SEEDBED_TEST_HOST") or kubectl(
        "get", "nodes", "-o", 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}'
    )
    with running(tmp_path_factory.mktemp("store"), address=address) as weed:
        keys = {"AWS_ACCESS_KEY_ID": weed.key, "AWS_SECRET_ACCESS_KEY": weed.secret}
        literals = [f"--from-literal={name}={value}" for name, value in keys.items()]
        kubectl("-n", namespace, "create", "secret", "generic", "seedbed-s3", *literals)
        values = {
            "image": {"tag": TAG},
            "profiles": {"default": {"image": f"ghcr.io/seedbed/runner:{TAG}", "device": "cpu"}},
            "stores": {"default": {"endpoint": weed.endpoint, "bucket": weed.bucket, "secret": "seedbed-s3"}},
            "storeSecret": "seedbed-s3",
            "crds": {"enabled": False},  # applied above: other tests of the cluster use them too
            "log": {"format": "text", "level": "INFO"},
        }
        install = [HELM, "install", "seedbed", str(ROOT / "helm/seedbed"), "-n", namespace, "-f", "-"]
        done = subprocess.run(
            [*install, "--wait", "--timeout", "3m"], input=json.dumps(values), text=True, capture_output=True
        )
        assert done.returncode == 0, done.stderr
        yield namespace, weed
        print(kubectl("-n", namespace, "logs", "deploy/seedbed", "--tail=200", check=False))
        subprocess.run([HELM, "uninstall", "seedbed", "-n", namespace], check=True, capture_output=True)
    kubectl("delete", "namespace", namespace, "--wait=false")


def goal_of(namespace, name="digits"):
    return ResearchGoal.model_validate_json(kubectl("-n", namespace, "get", "rg", name, "-o", "json"))


def finished(namespace, name="digits"):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        goal = goal_of(namespace, name)
        if goal.status.finished:
            return goal
        time.sleep(1)
    raise AssertionError(f"not finished: {goal.status}")


def comparable(status):
    dropped = {"time", "started_at", *WALL_CLOCK}

    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in dropped}
        return [strip(item) for item in value] if isinstance(value, list) else value

    parts = ("experiments", "attempts", "claim", "verdict")
    return strip(
        {part: getattr(status, part) for part in parts}
        | json.loads(status.model_dump_json(include=set(parts)))
    )


@pytest.fixture(scope="module")
def laptop(tmp_path_factory):
    """The same goal on this machine: its status and its records' hashes by run."""
    folder = tmp_path_factory.mktemp("laptop")
    command = [
        str(Path(sys.executable).with_name("research-agent")),
        "run",
        str(ROOT / "examples/digits.yaml"),
    ]
    subprocess.run([*command, "--folder", folder, "--plain", "--no-report"], check=True, capture_output=True)
    document = json.loads((folder / "resources/researchgoals/digits.json").read_text())
    records = [
        RunResult.from_json(path.read_bytes()) for path in folder.glob("artifacts/*/*/runs/*/s*/result.json")
    ]
    return ResearchGoal.model_validate(document).status, {(r.experiment, r.seed): r for r in records}


def records_in(weed):
    client = weed.client()
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=weed.bucket):
        for item in page.get("Contents", []):
            if item["Key"].endswith("/result.json"):
                result = RunResult.from_json(
                    client.get_object(Bucket=weed.bucket, Key=item["Key"])["Body"].read()
                )
                found[(result.experiment, result.seed)] = result
    return found


def test_the_digits_goal_is_achieved_with_the_laptops_numbers(installed, laptop):
    namespace, weed = installed
    kubectl("-n", namespace, "apply", "-f", ROOT / "examples/digits.yaml")
    goal = finished(namespace)
    assert goal.status.phase == "Achieved", goal.status
    status, records = laptop
    mine = records_in(weed)
    counted = [(line.name, seed) for line in goal.status.experiments for seed in range(line.n)]
    counted += [
        (a.experiment, 1000 * a.attempt + i) for a in goal.status.attempts for i in range(len(a.scores))
    ]
    for run in counted:
        assert mine[run].hashes["predictions"] == records[run].hashes["predictions"], run
    assert comparable(goal.status) == comparable(status)
    assert "Achieved" in kubectl("-n", namespace, "get", "rg,exp")
    assert "Achieved" in kubectl("-n", namespace, "describe", "rg", "digits")
