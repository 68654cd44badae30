"""The Jobs of the operator, from pure functions: one a run's attempt, one a dataset's preparation.

A Job never tries again by itself (`backoffLimit: 0`): attempts are the engine's. Its TTL is patched on only
when its result is in status. The deadline is the pod's: the Job's would count the time in a queue, and delete
the pod with everything that it has to say.
"""

import math

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.common import memory_bytes, seconds
from seedbed.cluster.admission import Admitted
from seedbed.cluster.names import (
    ATTEMPT_LABEL,
    DATASET_LABEL,
    HASH_ANNOTATION,
    KIND_LABEL,
    prepare_job_name,
    request_hash,
    run_job_name,
    run_labels,
)
from seedbed.cluster.podspec import (
    LOGS,
    TMP,
    Document,
    container,
    literal,
    pod,
    resources,
    source_environment,
    store_environment,
    volume,
)
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.engine.naming import run_prefix
from seedbed_runner.contract.hashing import canonical_json, content_hash, dataset_key
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.contract.source import repredicts

SUPERVISOR_MEMORY = 256 * 2**20  # beside the child's own limit, which the supervisor enforces
STEP_MEMORY = 512 * 2**20  # fetch and score have at least that
SCORE_GRACE = 600  # seconds for fetch's and score's part, after the deadlines of start and run
PREPARE_DEADLINE = 3600
PREPARE_TTL = 3600  # the store holds what was prepared; the Job is only its way there
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"


def build_run_job(
    experiment: Experiment, request: RunRequest, profile: RunProfile, store: StoreSettings
) -> Document:
    """The Job of one attempt at a run: fetch and train before, then score."""
    meta, spec = experiment.metadata, experiment.spec
    labels = run_labels(experiment, request.seed, request.attempt)
    template = pod(profile, labels, _steps(experiment, request, profile, store), _volumes(profile, request))
    deadline = seconds(spec.deadlines.start) + request.deadline_seconds + SCORE_GRACE
    template["spec"]["activeDeadlineSeconds"] = math.ceil(deadline)
    name = run_job_name(meta.name, meta.uid, request.seed, request.attempt)
    return _job(name, experiment, profile, labels, {HASH_ANNOTATION: request_hash(request)}, template)


def _steps(
    experiment: Experiment, request: RunRequest, profile: RunProfile, store: StoreSettings
) -> list[Document]:
    asked, image = experiment.spec.resources, experiment.spec.image or profile.image
    memory, storage = memory_bytes(asked.memory), _run_storage(profile, request)
    small = resources(min(asked.cpu, 1.0), max(memory, STEP_MEMORY), storage)
    large = resources(asked.cpu, memory + SUPERVISOR_MEMORY, storage, asked.gpus)
    secret = store_environment(store, experiment.metadata.namespace)
    given = {"name": "SEEDBED_REQUEST", "value": literal(request.to_json().decode())}
    to = {"name": "SEEDBED_DESTINATION", "value": literal(run_prefix(experiment, request.seed))}
    # An image may ask for every GPU of its node; a run without one must not find any.
    devices = [] if asked.gpus else [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}]
    work, data, out = {"/job": "work"}, {"/job/data": "data:ro"}, {"/job/out": "out:ro"}
    # Predicting again is the train step's, in a child of its own: no credential comes near it, and no label.
    again = {"/job/again": "again"} if repredicts(request) else {}
    if again:
        out |= {"/job/again": "again:ro"}
    return [
        container(
            "fetch", profile, image, small, work | {"/job/data": "data"}, [given, *secret, *devices],
            "--work", "/job", "--store",
        ),
        container(
            "train", profile, image, large, work | data | {"/job/out": "out"} | again,
            devices, "--work", "/job"
        ),
        container(
            "score", profile, image, small, work | data | out, [given, to, *secret, *devices],
            "--work", "/job", "--store",
        ),
    ]  # fmt: skip


def _volumes(profile: RunProfile, request: RunRequest) -> list[Document]:
    return [volume(name, size) for name, size in _sizes(profile, request).items()]


def _sizes(profile: RunProfile, request: RunRequest) -> dict[str, str]:
    """The volumes of a run with their sizes."""
    sizes = profile.storage
    named = {"work": sizes.work, "data": sizes.data, "out": sizes.out}
    named |= {f"tmp-{step}": TMP for step in ("fetch", "train", "score")}
    if repredicts(request):  # inputs as in `data`, weights and predictions as in `out`
        named["again"] = str(memory_bytes(sizes.data) + memory_bytes(sizes.out))
    return named


def _run_storage(profile: RunProfile, request: RunRequest) -> int:
    """What a run's pod may take of its node's disk: the kubelet counts all of its volumes together."""
    return sum(map(memory_bytes, _sizes(profile, request).values())) + LOGS


def build_prepare_job(resource: ResearchGoal | Experiment, admitted: Admitted, attempt: int = 1) -> Document:
    """The Job that prepares a resource's dataset into its store."""
    profile, dataset = admitted.profile, resource.spec.dataset.document()
    key, wants = dataset_key(dataset), profile.prepare
    labels = {KIND_LABEL: "prepare", DATASET_LABEL: key, ATTEMPT_LABEL: str(attempt)}
    env = [
        {"name": "SEEDBED_DATASET", "value": literal(canonical_json(dataset).decode())},
        {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"},
        *store_environment(admitted.store, resource.metadata.namespace),
        *source_environment(admitted.sources, admitted.store),
    ]
    amounts = resources(wants.cpu, memory_bytes(wants.memory), memory_bytes(wants.storage) + LOGS)
    step = container("prepare", profile, profile.image, amounts, {}, env, "--store")
    template = pod(profile, labels, [step], [volume("tmp-prepare", wants.storage)])
    template["spec"]["activeDeadlineSeconds"] = PREPARE_DEADLINE
    name = prepare_job_name(key, resource.spec.artifacts.store)
    made_for = {HASH_ANNOTATION: content_hash(template["spec"])}
    job = _job(name, resource, profile, labels, made_for, template)
    job["spec"]["ttlSecondsAfterFinished"] = PREPARE_TTL
    return job


def _job(
    name: str,
    owner: ResearchGoal | Experiment,
    profile: RunProfile,
    labels: dict[str, str],
    annotations: dict[str, str],
    template: Document,
) -> Document:
    meta = owner.metadata
    queue = {QUEUE_LABEL: profile.queue} if profile.queue else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": meta.namespace,
            "labels": labels | queue,
            "annotations": annotations,
            "ownerReferences": [
                {"apiVersion": owner.api_version, "kind": owner.kind, "name": meta.name, "uid": meta.uid,
                 "controller": True, "blockOwnerDeletion": False}
            ],
        },
        "spec": {
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            # A pod that was deleted and is still ending must not run beside its successor.
            "podReplacementPolicy": "Failed",
            "template": template,
        },
    }  # fmt: skip
