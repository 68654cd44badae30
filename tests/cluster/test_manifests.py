import json
from dataclasses import replace

import pytest

from fakes.cluster import IMAGE, asked, experiment, request, settings
from seedbed.api.common import memory_bytes
from seedbed.cluster.admission import Admitted
from seedbed.cluster.manifests import SUPERVISOR_MEMORY, build_prepare_job, build_run_job
from seedbed.cluster.names import KIND_LABEL
from seedbed.cluster.sources import Sources
from seedbed_runner.contract.origins import FOR_PREPARE
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.contract.source import MAX_BYTES


def run_job(made=None, profile=None, **parts):
    chosen = settings(**(profile or {}))
    made = made or experiment()
    return build_run_job(
        made, parts.get("request") or request(made), chosen.profiles["default"], chosen.stores["default"]
    )


def prepare_job(attempt=1, sources=None, **store):
    chosen = settings()
    place = chosen.stores["default"].model_copy(update=store)
    admitted = Admitted(chosen.profiles["default"], place, Sources(**(sources or {})))
    return build_prepare_job(asked(), admitted, attempt)


def pod_of(job):
    return job["spec"]["template"]["spec"]


def steps(job):
    pod = pod_of(job)
    return {each["name"]: each for each in (*pod["initContainers"], *pod["containers"])}


def environment(container):
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def mounts(container):
    return {m["mountPath"]: (m["name"], m.get("readOnly", False)) for m in container["volumeMounts"]}


@pytest.fixture(params=["run", "prepare"])
def job(request):
    return run_job() if request.param == "run" else prepare_job()


def test_every_pod_is_restricted_and_knows_nothing_of_the_cluster(job):
    pod = pod_of(job)
    assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert not {"hostNetwork", "hostPID", "hostIPC", "serviceAccountName"} & set(pod)
    for container in steps(job).values():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    for volume in pod["volumes"]:
        assert set(volume) == {"name", "emptyDir"} and int(volume["emptyDir"]["sizeLimit"]) > 0


def test_requests_equal_limits_and_cover_the_disk(job):
    total = sum(int(volume["emptyDir"]["sizeLimit"]) for volume in pod_of(job)["volumes"])
    for container in steps(job).values():
        amounts = container["resources"]
        assert amounts["requests"] == amounts["limits"]
        assert int(amounts["limits"]["ephemeral-storage"]) > total


def test_attempts_are_the_engines(job):
    assert job["spec"]["backoffLimit"] == 0
    assert pod_of(job)["restartPolicy"] == "Never"
    assert "activeDeadlineSeconds" not in job["spec"] and pod_of(job)["activeDeadlineSeconds"] > 0


def test_the_owner_is_never_kept_from_going(job):
    (owner,) = job["metadata"]["ownerReferences"]
    assert owner["uid"] and owner["controller"] and owner["blockOwnerDeletion"] is False


def test_a_pod_carries_the_labels_of_its_job(job):
    assert job["metadata"]["labels"].items() >= job["spec"]["template"]["metadata"]["labels"].items()
    assert KIND_LABEL in job["spec"]["template"]["metadata"]["labels"]


def test_the_three_steps_and_what_each_may_write():
    job = run_job()
    assert [each["name"] for each in pod_of(job)["initContainers"]] == ["fetch", "train"]
    assert [each["name"] for each in pod_of(job)["containers"]] == ["score"]
    assert {name: mounts(step) for name, step in steps(job).items()} == {
        "fetch": {"/tmp": ("tmp-fetch", False), "/job": ("work", False), "/job/data": ("data", False)},
        "train": {
            "/tmp": ("tmp-train", False), "/job": ("work", False), "/job/data": ("data", True),
            "/job/out": ("out", False),
        },
        "score": {
            "/tmp": ("tmp-score", False), "/job": ("work", False), "/job/data": ("data", True),
            "/job/out": ("out", True),
        },
    }  # fmt: skip
    assert {name: step["args"] for name, step in steps(job).items()} == {
        "fetch": ["fetch", "--work", "/job", "--store"],
        "train": ["train", "--work", "/job"],
        "score": ["score", "--work", "/job", "--store"],
    }


def test_only_the_trusted_steps_know_the_store():
    found = {name: environment(step) for name, step in steps(run_job()).items()}
    assert set(found["train"]) == {"HOME", "NVIDIA_VISIBLE_DEVICES"}
    for name in ("fetch", "score"):
        assert found[name]["SEEDBED_S3_ENDPOINT"] == "http://10.0.0.1:8333"
        assert found[name]["SEEDBED_S3_BUCKET"] == "bucket" and found[name]["SEEDBED_S3_PREFIX"] == "pre"
        assert found[name]["SEEDBED_S3_REGION"] == "us-east-1" and found[name]["SEEDBED_NAMESPACE"] == "team"
        assert found[name]["AWS_SECRET_ACCESS_KEY"] == {
            "secretKeyRef": {"name": "seedbed-s3", "key": "AWS_SECRET_ACCESS_KEY"}
        }
    assert "SEEDBED_DESTINATION" not in found["fetch"]
    assert found["score"]["SEEDBED_DESTINATION"].startswith("team/digits-5e0c7a3e")


def test_the_request_arrives_as_it_was_and_asks_for_no_variable():
    made = experiment()
    evil = request(made, text="$(AWS_SECRET_ACCESS_KEY) $$(HOME) $")
    value = environment(steps(run_job(request=evil))["fetch"])["SEEDBED_REQUEST"]
    assert "$(" not in value.replace("$$", "")
    assert RunRequest.from_json(value.replace("$$", "$").encode()) == evil


def test_training_gets_what_was_asked_for_and_the_supervisor_its_part():
    made = experiment(resources={"cpu": 4, "memory": "3Gi", "gpus": 1})
    found = steps(run_job(made))
    limits = found["train"]["resources"]["limits"]
    assert limits["cpu"] == "4000m" and limits["nvidia.com/gpu"] == "1"
    assert int(limits["memory"]) == memory_bytes("3Gi") + SUPERVISOR_MEMORY
    for step in ("fetch", "score"):
        small = found[step]["resources"]["limits"]
        assert small["cpu"] == "1000m" and "nvidia.com/gpu" not in small


def test_without_a_gpu_none_is_seen_and_with_one_the_plugin_decides():
    assert environment(steps(run_job())["train"])["NVIDIA_VISIBLE_DEVICES"] == "void"
    with_gpu = steps(run_job(experiment(resources={"gpus": 1})))
    assert "NVIDIA_VISIBLE_DEVICES" not in environment(with_gpu["train"])


def test_the_pods_deadline_is_behind_the_supervisors():
    made = experiment(deadlines={"start": "5m", "run": "90s"})
    assert pod_of(run_job(made))["activeDeadlineSeconds"] == 300 + 90 + 600


def test_what_the_admin_owns_comes_from_the_profile():
    owned = {
        "image_pull_policy": "Always", "image_pull_secrets": ["registry"], "node_selector": {"gpu": "yes"},
        "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "runtime_class": "gvisor", "priority_class": "low", "queue": "research",
    }  # fmt: skip
    job = run_job(profile=owned)
    pod = pod_of(job)
    assert pod["nodeSelector"] == {"gpu": "yes"} and pod["runtimeClassName"] == "gvisor"
    assert pod["priorityClassName"] == "low" and pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["tolerations"][-1] == {"key": "gpu", "operator": "Exists", "effect": "NoSchedule", "value": ""}
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "research"
    assert "suspend" not in job["spec"]
    assert {each["imagePullPolicy"] for each in steps(job).values()} == {"Always"}


def test_a_lost_node_is_given_up_soon():
    taints = {each["key"]: each["tolerationSeconds"] for each in pod_of(run_job())["tolerations"]}
    assert taints == {"node.kubernetes.io/not-ready": 30, "node.kubernetes.io/unreachable": 30}


def test_an_experiment_keeps_the_image_that_it_was_made_with():
    made = experiment()
    pinned = made.model_copy(update={"spec": made.spec.model_copy(update={"image": "runner@sha256:1"})})
    assert {each["image"] for each in steps(run_job(pinned)).values()} == {"runner@sha256:1"}
    assert {each["image"] for each in steps(run_job()).values()} == {IMAGE}


def test_a_run_expires_only_when_told_and_a_preparation_by_itself():
    prepare = prepare_job()
    assert "ttlSecondsAfterFinished" not in run_job()["spec"]
    assert prepare["spec"]["ttlSecondsAfterFinished"] > 0


def test_a_preparation_is_told_the_dataset_with_every_default():
    job = prepare_job(attempt=3)
    step = steps(job)["prepare"]
    assert step["args"] == ["prepare", "--store"]
    dataset = json.loads(environment(step)["SEEDBED_DATASET"])
    assert dataset == asked().spec.dataset.document() and dataset["split"]["test"] == 0.2
    assert job["metadata"]["labels"]["seedbed.dev/attempt"] == "3"
    assert job["metadata"]["ownerReferences"][0]["kind"] == "ResearchGoal"


def test_a_store_without_a_secret_names_none():
    job = prepare_job(secret=None, endpoint=None)
    assert not {"AWS_ACCESS_KEY_ID", "SEEDBED_S3_ENDPOINT"} & set(environment(steps(job)["prepare"]))


PLAIN = {"HOME", "SEEDBED_DATASET", "NVIDIA_VISIBLE_DEVICES", "SEEDBED_NAMESPACE"}
MIRRORS = {
    "hugging_face": "https://hub.corp", "openml": "https://mirror.corp/openml", "cifar": "http://m/cifar$(X)",
    "mnist": "http://m/mnist", "fashion_mnist": "http://m/fashion", "svhn": "http://m/svhn",
}  # fmt: skip


def told(**sources):
    """What a preparation is told of where to look, besides the store."""
    found = environment(steps(prepare_job(sources=sources))["prepare"])
    other = {name for name in found if name.startswith(("SEEDBED_S3", "AWS_"))}
    return {name: value for name, value in found.items() if name not in PLAIN | other}


def test_unasked_a_preparation_looks_where_data_are_published():
    assert told() == {}


def test_a_preparation_is_told_of_mirrors_by_the_names_that_the_runner_reads():
    found = told(mirrors=MIRRORS, allow_unverified=True)
    assert found == {
        "SEEDBED_ALLOW_UNVERIFIED": "true", "HF_ENDPOINT": "https://hub.corp",
        "SEEDBED_OPENML_URL": "https://mirror.corp/openml", "SEEDBED_CIFAR_URL": "http://m/cifar$$(X)",
        "SEEDBED_MNIST_URL": "http://m/mnist", "SEEDBED_FASHION_MNIST_URL": "http://m/fashion",
        "SEEDBED_SVHN_URL": "http://m/svhn",
    }  # fmt: skip
    assert set(found) < set(FOR_PREPARE)


def test_offline_there_is_no_way_out():
    ways = {"mirrors": MIRRORS, "proxy": {"https": "http://proxy:3128"}, "token_secret": "hub"}
    assert told(offline=True, **ways) == {"SEEDBED_OFFLINE": "true", "HF_HUB_OFFLINE": "1"}


def test_a_proxy_is_none_for_a_store_with_an_address_of_its_own():
    proxy = {"http": "http://proxy:3128", "https": "http://proxy:3128", "not_for": [".corp"]}
    assert told(proxy=proxy) == {
        "HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".corp,10.0.0.1",
    }  # fmt: skip
    to_amazon = environment(steps(prepare_job(sources={"proxy": proxy}, endpoint=None))["prepare"])
    assert to_amazon["NO_PROXY"] == ".corp"


def test_a_hubs_token_comes_from_the_namespaces_secret_where_there_is_one():
    reference = {"secretKeyRef": {"name": "hub", "key": "HF_TOKEN", "optional": True}}
    assert told(token_secret="hub") == {"HF_TOKEN": reference}


@pytest.mark.parametrize("letter", ["é", "\U0001f600", "$", '"', "\n"])
def test_the_longest_code_fits_an_environment_variable(letter):
    source = letter * (MAX_BYTES // len(letter.encode()))
    coded = replace(request(experiment()), model={"source": source})
    given = environment(steps(run_job(request=coded))["fetch"])["SEEDBED_REQUEST"]
    assert len("SEEDBED_REQUEST=") + len(given.replace("$$", "$").encode()) < 2**17  # Linux's MAX_ARG_STRLEN


def test_only_a_confirmation_of_code_predicts_again_and_its_volume_is_read_only_to_the_scorer():
    coded = {"source": "# a module"}
    for purpose, model, there in (
        ("Confirm", coded, True),
        ("Explore", coded, False),
        ("Confirm", None, False),
    ):
        made = experiment()
        asks = replace(request(made), purpose=purpose)
        asks = replace(asks, model=model) if model else replace(asks, model={"layers": []})
        chosen = settings()
        job = build_run_job(made, asks, chosen.profiles["default"], chosen.stores["default"])
        found = {name: mounts(each).get("/job/again") for name, each in steps(job).items()}
        due = {"fetch": None, "train": ("again", False), "score": ("again", True)} if there else {}
        assert found == {"fetch": None, "train": None, "score": None} | due
