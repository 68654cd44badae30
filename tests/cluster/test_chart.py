"""What the chart renders and refuses: needs helm ($HELM or on the PATH), and no cluster but for one test."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from cluster.conftest import kubectl
from fakes.helm import CHART, helm, rendered, run
from seedbed.api.schema import structural_schema
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.settings import OperatorSettings, load
from seedbed.cluster.sources import Mirrors, Proxy, Sources
from seedbed.planning.llm.provider import Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (os.environ.get("HELM") or os.environ.get("CI") or shutil.which("helm")),
        reason="helm is not on the PATH, and $HELM names none",
    ),
]

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
STORE = {"endpoint": "http://10.1.2.3:8333", "bucket": "seedbed"}
API_SERVER = [{"to": [{"ipBlock": {"cidr": "10.0.0.1/32"}}], "ports": [{"port": 6443, "protocol": "TCP"}]}]
EVERYTHING = {
    "watchNamespaces": ["a", "b"],
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": [{"name": "registry"}]},
    "stores": {"default": STORE, "named": {"endpoint": "https://s3.storage:9000", "bucket": "seedbed"}},
    "sources": {"allowUnverified": True, "mirrors": {"mnist": "http://mirror/mnist"}, "tokenSecret": "hub",
                "proxy": {"https": "http://proxy:3128", "notFor": [".corp"]}},
    "storeSecret": "keys",
    "providers": {
        "default": {"baseUrl": "https://api.example.com/v1", "model": "m", "models": ["n"],
                    "existingSecret": "openai"},
        "other": {"baseUrl": "http://10.9.8.7/v1", "model": "m", "existingSecret": "o", "secretKey": "k"},
        "local": {"baseUrl": "http://[fd00::2]:11434/v1", "model": "m"},
    },
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn"}},
    "networkPolicies": {"operator": {"enabled": True, "apiServer": API_SERVER}},
    "metrics": {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True},
                "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Seedbed"}}},
    "podLabels": {"team": "research"}, "podAnnotations": {"a": "b"}, "priorityClassName": "high",
    "nodeSelector": {"pool": "system"}, "tolerations": [{"key": "system", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
}  # fmt: skip


@pytest.fixture(scope="module")
def default():
    return rendered()


@pytest.fixture(scope="module")
def everything():
    return rendered(EVERYTHING)


def settings_in(kinds, tmp_path):
    """The operator's own reading of the ConfigMap."""
    path = tmp_path / "config.yaml"
    path.write_text(kinds["ConfigMap"][0]["data"]["config.yaml"])
    return load(path)


def pod_of(kinds):
    return kinds["Deployment"][0]["spec"]["template"]["spec"]


def named(documents, name):
    return next(document for document in documents if document["metadata"]["name"] == name)


def test_it_passes_the_lint():
    helm("lint", "--strict", CHART)
    helm("lint", "--strict", CHART, values=EVERYTHING)


def test_a_package_holds_all_of_it(tmp_path):
    helm("package", CHART, "--destination", tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        inside = set(package.getnames())
    files = {
        f"seedbed/{(Path(folder) / name).relative_to(CHART)}"
        for folder, _, names in os.walk(CHART, followlinks=True) for name in names
    }  # fmt: skip
    assert {"seedbed/files/crds/experiments.yaml", "seedbed/values.schema.json"} < inside
    assert inside == files


# Settings


def test_the_settings_are_what_the_operator_reads(tmp_path):
    values = {
        "watchNamespaces": ["a"],
        "profiles": {"default": {"image": "here/runner:1", "maxGpus": 2, "tolerations": [{"key": "gpu"}]}},
        "stores": {"default": {**STORE, "prefix": "x"}},
        "log": {"format": "text"},
        "resync": 60,
    }
    settings = settings_in(rendered(values), tmp_path)
    assert settings.sources == Sources()
    assert settings.watch.namespaces == ["a"] and settings.log.format == "text" and settings.resync == 60
    assert settings.profiles["default"].max_gpus == 2 and settings.stores["default"].prefix == "x"


def test_by_default_it_watches_its_own_namespace_and_has_no_store(default, tmp_path):
    settings = settings_in(default, tmp_path)
    assert settings.watch.namespaces == ["seedbed-system"] and settings.stores == {}
    assert settings == OperatorSettings(
        watch=settings.watch, profiles={"default": RunProfile(image="ghcr.io/seedbed/runner:0.1.0")}
    )


def test_where_data_come_from_is_what_the_operator_reads(everything, tmp_path):
    assert settings_in(everything, tmp_path).sources == Sources(
        allow_unverified=True, mirrors=Mirrors(mnist="http://mirror/mnist"), token_secret="hub",
        proxy=Proxy(https="http://proxy:3128", not_for=[".corp"]),
    )  # fmt: skip


def test_both_images_are_of_the_charts_version(default):
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    assert pod_of(default)["containers"][0]["image"] == f"ghcr.io/seedbed/operator:{version}"
    assert VALUES["profiles"]["default"]["image"] == f"ghcr.io/seedbed/runner:{version}"


def test_a_change_of_settings_replaces_the_pod(default):
    def checksum(kinds):
        annotations = kinds["Deployment"][0]["spec"]["template"]["metadata"]["annotations"]
        return annotations["checksum/config"]

    assert checksum(default) == checksum(rendered({"podLabels": {"a": "b"}}))
    assert checksum(default) != checksum(rendered({"jobTtl": 60}))


# The pod


def test_the_pod_is_restricted_and_alone(everything):
    (deployment,) = everything["Deployment"]
    assert deployment["spec"]["replicas"] == 1 and deployment["spec"]["strategy"]["type"] == "Recreate"
    pod = pod_of(everything)
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and "runAsUser" not in json.dumps(pod)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert container["envFrom"] == [{"secretRef": {"name": "keys"}}]
    assert container["image"] == "ghcr.io/seedbed/operator@sha256:" + "0" * 64
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == {
        "health": 8080, "metrics": 9090,
    }  # fmt: skip
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "health"}


def test_an_account_that_exists_is_taken(everything):
    assert named(everything["ServiceAccount"], "seedbed")["metadata"]["annotations"]
    kinds = rendered({"serviceAccount": {"create": False, "name": "mine"}})
    assert "ServiceAccount" not in kinds and pod_of(kinds)["serviceAccountName"] == "mine"
    assert kinds["RoleBinding"][0]["subjects"][0]["name"] == "mine"


# Model servers


def test_providers_get_their_keys_as_files_that_the_kubelet_keeps_fresh(everything, tmp_path):
    found = settings_in(everything, tmp_path).providers
    assert found["default"].offered == ["m", "n"]
    assert {name: server.key_file for name, server in found.items()} == {
        "default": Path("/etc/seedbed-keys/default"), "other": Path("/etc/seedbed-keys/other"), "local": None,
    }  # fmt: skip
    pod = pod_of(everything)
    mount = named_mount(pod, "provider-keys")
    assert mount == {"name": "provider-keys", "mountPath": "/etc/seedbed-keys", "readOnly": True}
    (volume,) = [each for each in pod["volumes"] if each["name"] == "provider-keys"]
    assert volume["projected"]["sources"] == [
        {"secret": {"name": name, "optional": True, "items": [{"key": key, "path": path}]}}
        for name, key, path in (("openai", "api-key", "default"), ("o", "k", "other"))
    ]


def named_mount(pod, name):
    (container,) = pod["containers"]
    return next((mount for mount in container["volumeMounts"] if mount["name"] == name), None)


def test_a_provider_without_a_key_mounts_nothing(default, tmp_path):
    assert (
        settings_in(default, tmp_path).providers == {}
        and named_mount(pod_of(default), "provider-keys") is None
    )
    kinds = rendered({"providers": {"local": EVERYTHING["providers"]["local"]}})
    assert set(settings_in(kinds, tmp_path).providers) == {"local"}
    assert named_mount(pod_of(kinds), "provider-keys") is None


def test_the_chart_describes_providers_as_the_operator_does():
    ours, operator = SCHEMA["definitions"]["provider"], structural_schema(Server)
    assert set(ours["properties"]) - {"existingSecret", "secretKey"} == set(operator["properties"]) - {
        "keyEnv", "keyFile"
    }  # fmt: skip
    assert ours["required"] == operator["required"]
    for name in ("baseUrl", "model", "models"):
        for key in ("maxLength", "minLength", "maxItems"):
            assert ours["properties"][name].get(key) == operator["properties"][name].get(key), (name, key)


# Rights


def rights(role):
    """(resource, verb) of every rule."""
    return {
        (resource, verb)
        for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]
    }  # fmt: skip


@pytest.mark.parametrize("wide", [False, True])
def test_the_operator_has_a_role_where_it_watches(wide):
    values = {"networkPolicies": {"enabled": False}, "rbac": {"aggregate": False}}
    kinds = rendered(values | ({"clusterWide": True} if wide else {"watchNamespaces": ["a", "b"]}))
    kind, other = ("ClusterRole", "Role") if wide else ("Role", "ClusterRole")
    assert [role["metadata"].get("namespace") for role in kinds[kind]] == ([None] if wide else ["a", "b"])
    assert other not in kinds and f"{other}Binding" not in kinds
    for role, binding in zip(kinds[kind], kinds[f"{kind}Binding"], strict=True):
        assert binding["roleRef"]["name"] == role["metadata"]["name"] == "seedbed-seedbed-system"
        assert binding["metadata"].get("namespace") == role["metadata"].get("namespace")
        (subject,) = binding["subjects"]
        assert (subject["name"], subject["namespace"]) == ("seedbed", "seedbed-system")
        assert not [right for right in rights(role) if "*" in right or "secrets" in right]


def test_people_see_and_make_goals_but_write_no_status(default):
    roles = {role["metadata"]["name"].rpartition("-")[2]: role for role in default["ClusterRole"]}
    assert set(roles) == {"view", "edit"}
    for name, role in roles.items():
        assert role["metadata"]["labels"][f"rbac.authorization.k8s.io/aggregate-to-{name}"] == "true"
        assert {resource for resource, _ in rights(role)} == {"researchgoals", "experiments"}
    assert {verb for _, verb in rights(roles["view"])} == {"get", "list", "watch"}
    assert "ClusterRole" not in rendered({"rbac": {"aggregate": False}})


# Network


def policies(kinds):
    """Each policy's spec by namespace and kind of pod."""
    return {
        (policy["metadata"]["namespace"], policy["metadata"]["name"].rpartition("-")[2]): policy["spec"]
        for policy in kinds["NetworkPolicy"]
    }


def ports(rules):
    return {(port["port"], port.get("protocol", "TCP")) for rule in rules for port in rule["ports"]}


def test_runs_reach_the_stores_and_nothing_reaches_them():
    found = policies(rendered({"watchNamespaces": ["a", "b"], "stores": {"default": STORE}}))
    assert set(found) == {("a", "run"), ("a", "prepare"), ("b", "run"), ("b", "prepare")}
    run = found["a", "run"]
    assert run == found["b", "run"]
    assert run["podSelector"] == {"matchLabels": {"seedbed.dev/kind": "run"}}
    assert run["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in run
    to_store = {"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}], "ports": [{"port": 8333, "protocol": "TCP"}]}
    assert run["egress"] == [to_store]
    assert found["a", "prepare"]["egress"] == [
        to_store, *VALUES["networkPolicies"]["hubs"], *VALUES["networkPolicies"]["dns"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("endpoint", "rule"),
    [
        (None, {"ports": [{"port": 443, "protocol": "TCP"}]}),
        ("http://minio", {"ports": [{"port": 80, "protocol": "TCP"}]}),
        ("https://minio.storage.svc:9000/", {"ports": [{"port": 9000, "protocol": "TCP"}]}),
        ("https://10.1.2.3", {"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
                              "ports": [{"port": 443, "protocol": "TCP"}]}),
        ("http://[fd00::1]:8333", {"to": [{"ipBlock": {"cidr": "fd00::1/128"}}],
                                   "ports": [{"port": 8333, "protocol": "TCP"}]}),
    ],
)  # fmt: skip
def test_the_rule_of_an_endpoint(endpoint, rule):
    store = {"bucket": "seedbed"} | ({"endpoint": endpoint} if endpoint else {})
    egress = policies(rendered({"stores": {"default": store}}))["seedbed-system", "run"]["egress"]
    assert egress[0] == rule
    assert egress[1:] == ([] if "to" in rule else VALUES["networkPolicies"]["dns"])


def test_rules_to_the_stores_can_be_written_out_and_hubs_left_out():
    pods = [{"to": [{"namespaceSelector": {"matchLabels": {"name": "storage"}}}], "ports": [{"port": 9000}]}]
    values = {"stores": {"default": STORE}, "networkPolicies": {"stores": pods, "hubs": []}}
    found = policies(rendered(values))
    assert found["seedbed-system", "run"]["egress"] == found["seedbed-system", "prepare"]["egress"] == pods


def test_offline_preparations_reach_the_stores_alone():
    found = policies(rendered({"stores": {"default": STORE}, "sources": {"offline": True}}))
    assert found["seedbed-system", "prepare"]["egress"] == found["seedbed-system", "run"]["egress"]


def test_policies_of_an_operator_of_the_whole_cluster_stand_where_they_are_named():
    found = policies(rendered({"clusterWide": True, "networkPolicies": {"namespaces": ["a"]}}))
    assert set(found) == {("a", "run"), ("a", "prepare")}
    assert "NetworkPolicy" not in rendered({"networkPolicies": {"enabled": False}})


def test_the_operators_own_policy():
    metrics_from = [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]
    own = {"enabled": True, "apiServer": API_SERVER, "metricsFrom": metrics_from}
    kinds = rendered({"stores": {"default": STORE}, "networkPolicies": {"operator": own}})
    policy = policies(kinds)["seedbed-system", "operator"]
    labels = kinds["Deployment"][0]["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert ports(policy["egress"]) == {(6443, "TCP"), (8333, "TCP")}
    assert policy["ingress"] == [{"ports": [{"port": "metrics", "protocol": "TCP"}], "from": metrics_from}]


def test_the_operators_policy_lets_it_reach_the_providers():
    own = {"enabled": True, "apiServer": API_SERVER}
    address = {"local": EVERYTHING["providers"]["local"]}
    to_address = {"to": [{"ipBlock": {"cidr": "fd00::2/128"}}], "ports": [{"port": 11434, "protocol": "TCP"}]}
    rules = [{"to": [{"ipBlock": {"cidr": "10.9.0.0/16"}}], "ports": [{"port": 8000, "protocol": "TCP"}]}]
    anywhere = {"ports": [{"port": 443, "protocol": "TCP"}]}
    dns = VALUES["networkPolicies"]["dns"]
    name = {"default": EVERYTHING["providers"]["default"]}
    for providers, given, expected in (
        (address, [], [to_address]), (name, [], [anywhere, *dns]), (name, rules, [*rules, *dns]),
    ):  # fmt: skip
        policy = {"operator": {**own, "providers": given}}
        found = policies(rendered({"providers": providers, "networkPolicies": policy}))
        assert found["seedbed-system", "operator"]["egress"] == [*API_SERVER, *expected]
        assert to_address not in found["seedbed-system", "run"]["egress"], "runs never reach a model server"


# Monitoring


def test_nothing_of_monitoring_is_made_unasked(default):
    assert {"PodMonitor", "PrometheusRule"}.isdisjoint(default) and len(default["ConfigMap"]) == 1


def test_the_pod_monitor_finds_the_pods_port(everything):
    (monitor,) = everything["PodMonitor"]
    template = everything["Deployment"][0]["spec"]["template"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert monitor["spec"]["podMetricsEndpoints"] == [{"port": "metrics", "interval": "30s"}]


def test_the_alerts_are_the_files(everything):
    (rule,) = everything["PrometheusRule"]
    assert rule["spec"] == yaml.safe_load((CHART / "files/alerts.yaml").read_text())
    assert rule["spec"]["groups"]


def test_each_dashboard_is_a_config_map_of_its_own(everything):
    made = [each for each in everything["ConfigMap"] if "grafana_dashboard" in each["metadata"]["labels"]]
    files = sorted((CHART / "files/dashboards").glob("*.json"))
    assert len(made) == len(files) > 0
    for config, path in zip(made, files, strict=True):
        ((name, content),) = config["data"].items()
        assert name == f"seedbed-{path.name}" and content.strip() == path.read_text().strip()
        assert config["metadata"]["annotations"] == {"grafana_folder": "Seedbed"}


@pytest.mark.parametrize("port", [0, 9090, 9100])
def test_the_port_of_the_metrics_is_where_the_operator_serves_them(port, tmp_path):
    kinds = rendered({"metrics": {"port": port}})
    assert settings_in(kinds, tmp_path).metrics.port == port
    (container,) = pod_of(kinds)["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"health": 8080} | ({"metrics": port} if port else {})


# Custom resources


def test_the_custom_resources_outlive_the_release(default):
    made = default["CustomResourceDefinition"]
    files = {path.name: yaml.safe_load(path.read_text()) for path in (CHART.parents[1] / "crds").iterdir()}
    assert len(made) == len(files) == 2
    for crd in made:
        assert crd["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert crd in files.values()
    assert "CustomResourceDefinition" not in rendered({"crds": {"enabled": False}})


# Values


def resolved(node):
    return {**SCHEMA["definitions"][node["$ref"].rpartition("/")[2]], **node} if "$ref" in node else node


def described(node, path=""):
    """(path, node) of every value that an admin may write, down to what Kubernetes defines."""
    for name, below in node.get("properties", {}).items():
        yield f"{path}.{name}", resolved(below)
        yield from described(resolved(below), f"{path}.{name}")
    for below in node.get("patternProperties", {}).values():
        yield from described(resolved(below), f"{path}.*")


def test_every_value_is_described_and_no_other_is_taken():
    for path, node in described(SCHEMA):
        assert node.get("description", "").endswith("."), path
        if "properties" in node:
            assert node["additionalProperties"] is False, path
    assert set(SCHEMA["properties"]) - {"global"} == set(VALUES)


def test_the_readme_has_the_table_of_values():
    table = subprocess.run(
        [sys.executable, CHART.parent / "values_table.py", "--check"], capture_output=True, text=True
    )
    assert table.returncode == 0, table.stdout


@pytest.mark.parametrize(
    ("described", "model"),
    [
        ("definitions.profile", RunProfile),
        ("definitions.store", StoreSettings),
        ("properties.sources", Sources),
    ],
)
def test_profiles_stores_and_sources_are_what_the_operator_takes(described, model):
    def compare(chart, operator, path):
        chart = resolved(chart)
        assert set(chart.get("properties", {})) == set(operator.get("properties", {})), path
        for key in ("enum", "pattern", "minLength", "maxLength", "maximum", "maxItems", "required"):
            if path.rpartition(".")[2] not in ("tolerations", "nodeSelector") or key == "maxItems":
                assert chart.get(key) == operator.get(key), (path, key)
        lowest = "exclusiveMinimum" if operator.get("exclusiveMinimum") else "minimum"
        assert chart.get(lowest) == operator.get("minimum"), path
        for name, below in operator.get("properties", {}).items():
            ours = resolved(chart["properties"][name])
            if below["type"] not in ("object", "array") and "default" in below:
                assert ours["default"] == below["default"], (path, name)
            compare(ours, below, f"{path}.{name}")

    part, _, name = described.partition(".")
    compare(SCHEMA[part][name], structural_schema(model), name)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"imag": {}}, "at '': additional properties 'imag' not allowed"),
        ({"image": {"tag": 1.5}}, "at '/image/tag': got number, want string"),
        ({"image": {"digest": "sha256:12"}}, "at '/image/digest': 'sha256:12' does not match pattern"),
        ({"image": {"pullPolicy": "Sometimes"}},
         "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'"),
        ({"image": {"pullSecrets": ["registry"]}}, "at '/image/pullSecrets/0': got string, want object"),
        ({"watchNamespaces": "research"}, "at '/watchNamespaces': got string, want array"),
        ({"watchNamespaces": ["Research"]}, "at '/watchNamespaces/0': 'Research' does not match pattern"),
        ({"watchNamespaces": ["a", "a"]}, "at '/watchNamespaces': items at 0 and 1 are equal"),
        ({"clusterWide": "yes"}, "at '/clusterWide': got string, want boolean"),
        ({"profiles": {"gpu": {}}}, "at '/profiles/gpu': missing property 'image'"),
        ({"profiles": {"default": {"hostPath": "/"}}},
         "at '/profiles/default': additional properties 'hostPath' not allowed"),
        ({"profiles": {"default": {"device": "tpu"}}},
         "at '/profiles/default/device': value must be one of 'auto', 'cpu', 'cuda'"),
        ({"profiles": {"default": {"maxMemory": "5 GB"}}},
         "at '/profiles/default/maxMemory': '5 GB' does not match pattern"),
        ({"profiles": {"default": {"maxGpus": 17}}},
         "at '/profiles/default/maxGpus': maximum: got 17, want 16"),
        ({"profiles": {"GPU": {"image": "r"}}}, "at '/profiles': additional properties 'GPU' not allowed"),
        ({"stores": {"default": {"endpoint": "http://s3"}}},
         "at '/stores/default': missing property 'bucket'"),
        ({"stores": {"default": {"bucket": "seedbed", "endpoint": "s3:8333"}}},
         "at '/stores/default/endpoint': 's3:8333' does not match pattern '^https?://"),
        ({"stores": {"default": {"bucket": "seedbed", "secretKey": "x"}}},
         "at '/stores/default': additional properties 'secretKey' not allowed"),
        ({"providers": {"default": {"model": "m"}}}, "at '/providers/default': missing property 'baseUrl'"),
        ({"providers": {"default": {"baseUrl": "http://u:p@h/v1", "model": "m"}}},
         "at '/providers/default/baseUrl': 'http://u:p@h/v1' does not match pattern"),
        ({"providers": {"default": {"baseUrl": "http://h/v1", "model": "m", "apiKey": "x"}}},
         "at '/providers/default': additional properties 'apiKey' not allowed"),
        ({"sources": {"mirrors": {"cifar10": "http://m"}}},
         "at '/sources/mirrors': additional properties 'cifar10' not allowed"),
        ({"sources": {"mirrors": {"openml": "mirror.corp"}}},
         "at '/sources/mirrors/openml': 'mirror.corp' does not match pattern"),
        ({"sources": {"offline": "yes"}}, "at '/sources/offline': got string, want boolean"),
        ({"log": {"level": "TRACE"}},
         "at '/log/level': value must be one of 'DEBUG', 'INFO', 'WARNING', 'ERROR'"),
        ({"workers": 0}, "at '/workers': minimum: got 0, want 1"),
        ({"resync": 0}, "at '/resync': exclusiveMinimum: got 0, want 0"),
        ({"metrics": {"port": 70000}}, "at '/metrics/port': maximum: got 70,000, want 65,535"),
        ({"metrics": {"podMonitor": {"interval": "30"}}},
         "at '/metrics/podMonitor/interval': '30' does not match pattern"),
        ({"networkPolicies": {"stores": [{"to": [{"ipBlock": {"cidr": "s3.example.com"}}]}]}},
         "at '/networkPolicies/stores/0/to/0/ipBlock/cidr': 's3.example.com' does not match pattern"),
        ({"networkPolicies": {"hubs": [{}]}}, "at '/networkPolicies/hubs/0': minProperties: got 0, want 1"),
        ({"clusterWide": True, "watchNamespaces": ["a"]},
         "watchNamespaces: clusterWide is true, which watches every namespace: leave one of them out"),
        ({"clusterWide": True}, "networkPolicies.namespaces: with clusterWide, name the namespaces that get"),
        ({"networkPolicies": {"operator": {"enabled": True}}},
         "networkPolicies.operator.apiServer: say where the API server is, such as [{to:"),
        ({"metrics": {"port": 0, "podMonitor": {"enabled": True}}},
         "metrics.podMonitor.enabled: there is nothing to scrape while metrics.port is 0"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_a_sentence(values, sentence):
    done = run("template", "seedbed", CHART, values=values)
    assert done.returncode == 1 and sentence in done.stderr, done.stderr


@pytest.mark.cluster
def test_the_api_server_takes_every_document(namespace):
    values = {**EVERYTHING, "watchNamespaces": [namespace], "crds": {"enabled": False}}
    kinds = rendered(values, namespace=namespace)
    served = kubectl("api-resources", "--no-headers", "-o", "name")
    for kind in ("PodMonitor", "PrometheusRule"):
        if f"{kind.lower()}s.monitoring.coreos.com" not in served:
            del kinds[kind]
    documents = [document for documents in kinds.values() for document in documents]
    everything = {"apiVersion": "v1", "kind": "List", "items": documents}
    kubectl("apply", "--dry-run=server", "-f", "-", given=everything)
