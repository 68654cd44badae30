"""What the accounts of an installation may do on a real cluster, asked of its API server.

Compared is what an account may do beyond every account of that cluster: one to which nobody gave a right
tells what that is.
"""

import re
import time
import uuid

import pytest
import yaml

from cluster.conftest import kubectl
from fakes.helm import CHART, helm

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

OPERATOR = {
    ("researchgoals.seedbed.dev", "", "delete get list watch"),
    ("experiments.seedbed.dev", "", "create get list watch"),
    ("researchgoals.seedbed.dev/status", "", "patch update"),
    ("experiments.seedbed.dev/status", "", "patch update"),
    ("jobs.batch", "", "create delete get list patch watch"),
    ("pods", "", "list watch"),
    ("events", "", "list"),
    ("events.events.k8s.io", "", "create patch"),
    ("leases.coordination.k8s.io", "", "create"),
    ("leases.coordination.k8s.io", "seedbed-operator", "get list update watch"),
}
READ, WRITE = "get list watch", "create delete deletecollection patch update"
PEOPLE = {"view": READ, "edit": " ".join(sorted(f"{READ} {WRITE}".split()))}
PEOPLE["admin"] = PEOPLE["edit"]
ACCOUNTS = "system:serviceaccount"


def told(namespace, account):
    """Every line of `kubectl auth can-i --list`: (resource or URL, resource names, verbs)."""
    table = kubectl("auth", "can-i", "--list", "--no-headers", "-n", namespace, "--as", account)
    lines = [re.fullmatch(r"(\S*)\s+\[(.*?)\]\s+\[(.*?)\]\s+\[(.*?)\]", line) for line in table.splitlines()]
    assert lines and all(lines), f"kubectl's table is not as it was:\n{table}"
    return {(line[1] or line[2], line[3], " ".join(sorted(line[4].split()))) for line in lines}


def may(account, namespace):
    """What an account (`namespace:name`) may do in a namespace beyond every account."""
    own = account.partition(":")[0]
    return told(namespace, f"{ACCOUNTS}:{account}") - told(namespace, f"{ACCOUNTS}:{own}:nobody")


@pytest.fixture(scope="module")
def places(crds):
    """Three namespaces: the release's, a watched one, and another."""
    names = [f"rights-{part}-{uuid.uuid4().hex[:6]}" for part in ("release", "watched", "other")]
    for name in names:
        kubectl("create", "namespace", name)
    yield names
    kubectl("delete", "namespace", "--wait=false", *names)


@pytest.fixture(params=["role", "cluster role"])
def granted(request, places):
    """Where the operator should have rights, once the chart's accounts and roles are there."""
    release, watched, other = places
    wide = request.param == "cluster role"
    values = {"clusterWide": wide, "networkPolicies": {"enabled": False}}
    values["watchNamespaces"] = [] if wide else [watched]
    shown = [f"--show-only=templates/{name}.yaml" for name in ("serviceaccount", "rbac", "people")]
    text = helm("template", "seedbed", CHART, "-n", release, *shown, values=values)
    manifest = {"apiVersion": "v1", "kind": "List", "items": [*filter(None, yaml.safe_load_all(text))]}
    kubectl("apply", "-f", "-", given=manifest)
    yield {release, watched, other} if wide else {watched}
    kubectl("delete", "-f", "-", given=manifest)


def test_the_operator_may_do_this_and_the_runs_nothing(granted, places):
    release, *_ = places
    for namespace in places:
        expected = OPERATOR if namespace in granted else set()
        assert may(f"{release}:seedbed", namespace) == expected, namespace
        assert may(f"{namespace}:default", namespace) == set(), namespace


@pytest.mark.parametrize("granted", ["role"], indirect=True)
def test_kubernetes_own_roles_of_people_take_goals_in(granted, places):
    _, watched, other = places
    for role, verbs in PEOPLE.items():
        binding = ["--clusterrole", role, "--serviceaccount", f"{watched}:{role}"]
        kubectl("-n", watched, "create", "rolebinding", role, *binding)
        expected = {(f"{kind}.seedbed.dev", "", verbs) for kind in ("researchgoals", "experiments")}
        end = time.monotonic() + 20  # a controller gathers the roles
        while (
            found := {line for line in may(f"{watched}:{role}", watched) if "seedbed.dev" in line[0]}
        ) != expected:
            assert time.monotonic() < end, (role, found)
            time.sleep(0.2)
        assert may(f"{watched}:{role}", other) == set()
