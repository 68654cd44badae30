"""The cluster that KUBECONFIG names: the custom resources, and a namespace for each module's tests.

Pods run the stand-in image of tests/fakes/standin, which must be on the nodes.
"""

import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest

from fakes.seaweed import seaweed  # noqa: F401

CRDS = Path(__file__).parents[2] / "crds"


def kubectl(*arguments, given=None):
    """What kubectl prints."""
    text = None if given is None else json.dumps(given)
    done = subprocess.run(["kubectl", *arguments], input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def crds():
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("KUBECONFIG names no cluster")
    kubectl("apply", "--validate=false", "-f", str(CRDS))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))


@pytest.fixture(scope="module")
def namespace(crds):
    """A namespace of its own with the Secret of a store that nobody asks."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    keys = ["--from-literal=AWS_ACCESS_KEY_ID=key", "--from-literal=AWS_SECRET_ACCESS_KEY=the-secret-key"]
    kubectl("-n", name, "create", "secret", "generic", "seedbed-s3", *keys)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def kube(namespace):
    """kubectl in the namespace."""
    return lambda *arguments, given=None: kubectl("-n", namespace, *arguments, given=given)
