"""The real operator as a process of this machine, over the cluster that KUBECONFIG names and a real store.

Its runs are pods, which reach the store at the node's address, or at $SEEDBED_TEST_HOST.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import yaml

from cluster.conftest import kubectl

TAG = os.environ.get("SEEDBED_TEST_TAG", "dev")
RUNNER = f"ghcr.io/seedbed/runner:{TAG}"
PREFIX = "pre"  # of the store


def first_node():
    """The first node that takes any pod."""
    nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    return next(node for node in nodes if not node["spec"].get("taints"))


def node_address():
    """Where pods reach a server of this machine."""
    addresses = {each["type"]: each["address"] for each in first_node()["status"]["addresses"]}
    return os.environ.get("SEEDBED_TEST_HOST") or addresses["InternalIP"]


@contextmanager
def namespace_with(store, name):
    """A namespace with the Secret that opens the store to its runs."""
    kubectl("create", "namespace", name)
    keys = {"AWS_ACCESS_KEY_ID": store.key, "AWS_SECRET_ACCESS_KEY": store.secret}
    given = [f"--from-literal={key}={value}" for key, value in keys.items()]
    kubectl("-n", name, "create", "secret", "generic", "seedbed-s3", *given)
    try:
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


@contextmanager
def operating(folder, store, namespaces, **profiles):
    """The operator at work in these namespaces; `profiles` by name, over what every one of them has."""
    small = {"image": RUNNER, "prepare": {"cpu": 0.5, "memory": "1Gi", "storage": "256Mi"}}
    settings = {
        "profiles": {name: small | profile for name, profile in profiles.items()},
        "stores": {"default": {"endpoint": store.endpoint, "bucket": store.bucket, "prefix": PREFIX}},
        "watch": {"namespaces": list(namespaces)},
        "log": {"format": "text"},
        "metrics": {"port": 0},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    keys = {"AWS_ACCESS_KEY_ID": store.key, "AWS_SECRET_ACCESS_KEY": store.secret}
    own = {"SEEDBED_CONFIG": str(folder / "config.yaml"), "SEEDBED_LIVENESS": ""}
    program = Path(sys.executable).with_name("seedbed-operator")
    with (folder / "operator.log").open("w") as log:
        process = subprocess.Popen(
            [program], env=os.environ | keys | own, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield
        assert process.poll() is None, "the operator ended by itself"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        print((folder / "operator.log").read_text())


def create(namespace, document):
    """Create a resource of ours; of its metadata only what people write."""
    there = document["metadata"]
    metadata = {key: there[key] for key in ("name", "ownerReferences") if there.get(key)}
    document = {key: value for key, value in document.items() if key != "status"} | {"metadata": metadata}
    kubectl("-n", namespace, "create", "--validate=false", "-f", "-", given=document)


def until(condition, seconds=300.0):
    """What `condition` returns once that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.5)
    return found
