"""The parts that every pod of ours has in common: containers, volumes, security, where it may run.

Restricted pod security throughout: no token, no privilege, a read-only root, the image's own numeric user.
Requests equal limits, so that a run gets what it asked for and nothing takes it away.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from seedbed.api.common import memory_bytes
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.sources import Sources

Document = dict[str, Any]
Step = Literal["prepare", "fetch", "train", "score"]

LOGS = 100 * 2**20  # bytes of a container's output that the node may have to keep
TMP = "256Mi"  # of each step: none reads what another one left there
GRACE = 10  # seconds between a pod's SIGTERM and its end
NODE_PATIENCE = 30  # seconds that a run stays on a node that does not answer

_ALONE = [
    {"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": "NoExecute",
     "tolerationSeconds": NODE_PATIENCE}
    for taint in ("not-ready", "unreachable")
]  # fmt: skip


def resources(cpu: float, memory: int, storage: int, gpus: int = 0) -> Document:
    """Requests and limits; memory and storage in bytes."""
    amounts: Document = {
        "cpu": f"{math.ceil(cpu * 1000)}m",
        "memory": str(memory),
        "ephemeral-storage": str(storage),
    }
    if gpus:
        amounts["nvidia.com/gpu"] = str(gpus)
    return {"requests": dict(amounts), "limits": dict(amounts)}


def container(
    step: Step,
    profile: RunProfile,
    image: str,
    amounts: Document,
    mounts: Mapping[str, str],
    env: Iterable[Document] = (),
    *arguments: str,
) -> Document:
    """One step. `mounts`: volume by path, `:ro` after it where the step may only read.

    The train step's message is never read; that of a trusted one falls back to the end of its output.
    """
    trusted = step != "train"
    paths = {"/tmp": f"tmp-{step}", **mounts}
    return {
        "name": step,
        "image": image,
        "imagePullPolicy": profile.image_pull_policy,
        "args": [step, *arguments],
        "env": [{"name": "HOME", "value": "/tmp"}, *env],
        "resources": amounts,
        "volumeMounts": [_mount(path, volume) for path, volume in paths.items()],
        "terminationMessagePolicy": "FallbackToLogsOnError" if trusted else "File",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _mount(path: str, volume: str) -> Document:
    name, _, mode = volume.partition(":")
    mount: Document = {"name": name, "mountPath": path}
    return mount | ({"readOnly": True} if mode == "ro" else {})


def volume(name: str, size: str) -> Document:
    """Room on the node that ends with the pod; who exceeds it is evicted."""
    return {"name": name, "emptyDir": {"sizeLimit": str(memory_bytes(size))}}


def store_environment(store: StoreSettings, namespace: str) -> list[Document]:
    """How a trusted step reaches the store; the kubelet gives it the keys, the operator never reads them."""
    plain = {
        "SEEDBED_NAMESPACE": namespace,
        "SEEDBED_S3_BUCKET": store.bucket,
        "SEEDBED_S3_PREFIX": store.prefix,
        "SEEDBED_S3_REGION": store.region,
    }
    if store.endpoint:
        plain["SEEDBED_S3_ENDPOINT"] = store.endpoint
    env = _written(plain)
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if store.secret else ():
        env.append({"name": key, "valueFrom": {"secretKeyRef": {"name": store.secret, "key": key}}})
    return env


def source_environment(sources: Sources, store: StoreSettings) -> list[Document]:
    """Where the step `prepare` looks for data; a namespace without the token's Secret has none."""
    env = _written(sources.variables(store))
    if sources.token_secret and not sources.offline:
        token = {"name": sources.token_secret, "key": "HF_TOKEN", "optional": True}
        env.append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": token}})
    return env


def _written(plain: Mapping[str, str]) -> list[Document]:
    return [{"name": name, "value": literal(value)} for name, value in sorted(plain.items())]


def literal(value: str) -> str:
    """A value in which the kubelet finds no `$(NAME)`: else a text could ask for a key of the store."""
    return value.replace("$", "$$")


def pod(
    profile: RunProfile, labels: Mapping[str, str], containers: list[Document], volumes: list[Document]
) -> Document:
    """A pod template: all but the last container run one after the other before it."""
    spec: Document = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": containers[:-1],
        "containers": containers[-1:],
        "volumes": volumes,
        "tolerations": [*_ALONE, *(toleration.document() for toleration in profile.tolerations)],
    }
    owned = {
        "nodeSelector": dict(profile.node_selector),
        "runtimeClassName": profile.runtime_class,
        "priorityClassName": profile.priority_class,
        "imagePullSecrets": [{"name": name} for name in profile.image_pull_secrets],
    }
    spec |= {key: value for key, value in owned.items() if value}
    return {"metadata": {"labels": dict(labels)}, "spec": spec}
