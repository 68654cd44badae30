from pathlib import Path

import pytest

from seedbed.api.goal import PlannerSpec
from seedbed.cluster.settings import OperatorSettings, RunProfile, StoreSettings, load
from seedbed.cluster.sources import Mirrors, Sources
from seedbed.errors import InvalidInput

SETTINGS = "profiles, stores, providers, sources, watch, log, metrics, workers, resync, jobTtl"
WHOLE = """
profiles:
  default:
    image: ghcr.io/seedbed/runner@sha256:0
    device: cuda
    maxCpu: 4
    maxMemory: 8Gi
    maxGpus: 2
    nodeSelector: {gpu: "yes"}
    tolerations: [{key: nvidia.com/gpu, operator: Exists}]
    runtimeClass: gvisor
    queue: research
    storage: {out: 8Gi}
stores:
  default: {endpoint: "http://minio:9000", bucket: research, prefix: seedbed/runs}
providers:
  default: {baseUrl: "http://vllm:8000/v1/", model: qwen3, models: [llama3], keyFile: /etc/keys/default}
sources: {allowUnverified: true, mirrors: {fashionMnist: "http://mirror/fashion"}, tokenSecret: hub}
watch: {namespaces: [research]}
log: {format: text}
jobTtl: 60
metrics: {port: 0}
"""


def read(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load(path)


def test_a_whole_file(tmp_path):
    found = read(tmp_path, WHOLE)
    profile = found.profiles["default"]
    assert (profile.device, profile.max_cpu, profile.max_gpus, profile.storage.out) == ("cuda", 4.0, 2, "8Gi")
    assert profile.tolerations[0].document() == {
        "key": "nvidia.com/gpu", "operator": "Exists", "value": "",
    }  # fmt: skip
    assert found.stores["default"] == StoreSettings(
        endpoint="http://minio:9000", bucket="research", prefix="seedbed/runs"
    )
    server = found.model_servers().of(PlannerSpec(type="LLM", model="llama3"))
    assert (server.name, server.base_url, server.model) == ("default", "http://vllm:8000/v1", "llama3")
    assert server.key_file == Path("/etc/keys/default")
    assert found.sources == Sources(
        allow_unverified=True, mirrors=Mirrors(fashion_mnist="http://mirror/fashion"), token_secret="hub"
    )
    assert found.watch.namespaces == ["research"] and not found.watch.everywhere
    assert found.log.format == "text" and found.job_ttl == 60 and found.metrics.port == 0


def test_defaults(tmp_path):
    found = read(tmp_path, "profiles: {default: {image: runner}}\n")
    assert found == OperatorSettings(profiles={"default": RunProfile(image="runner")})
    assert found.watch.everywhere and found.log.format == "json"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("profils: {}", "profils: unknown setting; did you mean `profiles`?"),
        (
            "colour: red",
            f"colour: unknown setting; there are: {SETTINGS}",
        ),
        (
            "profiles: {default: {image: r, hostPath: /}}",
            "profiles.default.hostPath: unknown setting; there are: image, earlierImages, imagePullPolicy, "
            "imagePullSecrets, device, allowUnsealed, runtimeClassSeals, maxCpu, maxMemory, maxGpus, "
            "nodeSelector, tolerations, runtimeClass, priorityClass, queue, storage, prepare",
        ),
        ("profiles: {default: {}}", "profiles.default.image: missing; write text of 1 to 512 characters"),
        ("profiles: {Big: {image: r}}",
         "profiles.Big: is no name: write at most 63 lower-case letters, digits and dashes"),
        (
            "profiles: {default: {image: r, storage: {out: 5 GB}}}",
            "profiles.default.storage.out: write an amount of memory such as 512Mi or 2Gi, not '5 GB'",
        ),
        (
            "profiles: {default: {image: r, maxMemory: 0}}",
            "profiles.default.maxMemory: write an amount of memory such as 512Mi or 2Gi, not 0",
        ),
        (
            "profiles: {default: {image: r, maxMemory: '2'}}",
            "profiles.default.maxMemory: 2 is less than a mebibyte: write an amount such as 512Mi or 2Gi",
        ),
        (
            "profiles: {default: {image: r, device: tpu}}",
            "profiles.default.device: write auto, cpu or cuda, not 'tpu'",
        ),
        (
            "stores: {default: {endpoint: minio, bucket: research}}",
            "stores.default.endpoint: write text of at most 512 characters, not 'minio'",
        ),
        (
            "providers: {default: {baseUrl: vllm, model: m}}",
            "providers.default.baseUrl: write an address like https://host:8000/v1: no user name, password, "
            "? or #",
        ),
        (
            "providers: {default: {baseUrl: 'http://vllm', model: m, apiKey: x}}",
            "providers.default.apiKey: unknown setting; there are: baseUrl, model, models, keyEnv, keyFile",
        ),
        (
            "sources: {mirrors: {cifar10: 'http://mirror'}}",
            "sources.mirrors.cifar10: unknown setting; did you mean `cifar`?",
        ),
        (
            "sources: {mirrors: {openml: mirror}}",
            "sources.mirrors.openml: write an address like https://host:8000/path: no user name, password, "
            "? or #",
        ),
        ("sources: {offline: 1}", "sources.offline: write true or false, not 1"),
        ("workers: 0", "workers: write a whole number from 1 to 64, not 0"),
        ("watch: {namespaces: all}", "watch.namespaces: write a list of at most 200 items, not 'all'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_its_place(tmp_path, text, sentence):
    with pytest.raises(InvalidInput) as raised:
        read(tmp_path, text)
    assert str(raised.value) == f"{tmp_path / 'config.yaml'}: {sentence}"


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(InvalidInput) as raised:
        read(tmp_path, "workers: 0\nresync: -1\n")
    assert len(str(raised.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "not YAML: while parsing a flow node"),
        ("- a", f"write settings: an object with {SETTINGS}"),
        ("", f"write settings: an object with {SETTINGS}"),
    ],
)
def test_what_is_no_settings_file(tmp_path, text, sentence):
    with pytest.raises(InvalidInput) as raised:
        read(tmp_path, text)
    assert str(raised.value) == f"{tmp_path / 'config.yaml'}: {sentence}"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InvalidInput, match="can't be read: No such file or directory$"):
        load(tmp_path / "config.yaml")
