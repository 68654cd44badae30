"""What the chart renders: needs helm, and no cluster."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from seedbed.cluster.settings import load

CHART = Path(__file__).parents[2] / "helm" / "seedbed"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not on the PATH"),
]


def helm(*arguments):
    done = subprocess.run(["helm", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(tmp_path, values=None):
    """The documents by kind."""
    given = tmp_path / "values.yaml"
    given.write_text(json.dumps(values or {}))
    text = helm("template", "seedbed", str(CHART), "--namespace", "seedbed-system", "--values", str(given))
    kinds = {}
    for document in yaml.safe_load_all(text):
        if document:
            kinds.setdefault(document["kind"], []).append(document)
    return kinds


def rights(role):
    """(group, resource, verb) of every rule."""
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_it_passes_the_lint():
    helm("lint", "--strict", str(CHART))


@pytest.mark.parametrize("wide", [False, True])
def test_the_operator_may_do_what_it_needs_and_no_more(tmp_path, wide):
    kinds = rendered(tmp_path, {"watchNamespaces": ["a", "b"], "clusterWide": wide})
    roles = kinds.get("ClusterRole" if wide else "Role")
    assert [role["metadata"].get("namespace") for role in roles] == ([None] if wide else ["a", "b"])
    assert ("ClusterRole" in kinds) == wide and ("Role" in kinds) == (not wide)
    for role in roles:
        allowed = rights(role)
        assert not [right for right in allowed if "*" in right]
        assert {resource for _, resource, _ in allowed} == {
            "researchgoals", "experiments", "researchgoals/status", "experiments/status", "jobs", "pods",
            "events", "leases",
        }  # fmt: skip
        assert {verb for _, resource, verb in allowed if resource == "pods"} == {"get", "list", "watch"}
        assert not [right for right in allowed if right[2] in ("escalate", "bind", "impersonate")]


def test_the_settings_are_what_the_operator_reads(tmp_path):
    values = {
        "watchNamespaces": ["a"],
        "profiles": {"default": {"image": "here/runner:1", "maxGpus": 2, "tolerations": [{"key": "gpu"}]}},
        "stores": {"default": {"endpoint": "http://s3:8333", "bucket": "seedbed", "prefix": "x"}},
        "log": {"format": "text"},
    }
    (config,) = rendered(tmp_path, values)["ConfigMap"]
    path = tmp_path / "config.yaml"
    path.write_text(config["data"]["config.yaml"])
    settings = load(path)
    assert settings.watch.namespaces == ["a"] and settings.log.format == "text"
    assert settings.profiles["default"].max_gpus == 2 and settings.stores["default"].prefix == "x"


def test_by_default_it_watches_its_own_namespace_and_has_no_store(tmp_path):
    (config,) = rendered(tmp_path)["ConfigMap"]
    path = tmp_path / "config.yaml"
    path.write_text(config["data"]["config.yaml"])
    settings = load(path)
    assert settings.watch.namespaces == ["seedbed-system"] and settings.stores == {}
    assert settings.profiles["default"].image.startswith("ghcr.io/seedbed/runner:")


def test_the_pod_is_restricted_and_alone(tmp_path):
    (deployment,) = rendered(tmp_path, {"storeSecret": "keys"})["Deployment"]
    assert deployment["spec"]["replicas"] == 1 and deployment["spec"]["strategy"]["type"] == "Recreate"
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and "runAsUser" not in json.dumps(pod)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert container["envFrom"] == [{"secretRef": {"name": "keys"}}]


def test_the_custom_resources_outlive_the_release(tmp_path):
    made = rendered(tmp_path)["CustomResourceDefinition"]
    files = {path.name: yaml.safe_load(path.read_text()) for path in (CHART.parents[1] / "crds").iterdir()}
    assert len(made) == len(files) == 2
    for crd in made:
        assert crd["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert crd in files.values()
    assert "CustomResourceDefinition" not in rendered(tmp_path, {"crds": {"enabled": False}})
