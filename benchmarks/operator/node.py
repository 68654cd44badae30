"""A node that only plays: its pods go through the states of a run, and leave the record that a scorer would.

    python benchmarks/operator/node.py NAME LOW HIGH ENDPOINT BUCKET

A process of its own, so that what it costs is not in the operator's figures. Training takes LOW to HIGH
seconds, drawn evenly. Each line of its output is one run's end: experiment, seed, and when the API server had
it. It lives as long as the process that started it.
"""

import asyncio
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any

from kubernetes.aio.client import ApiClient
from watching import NotMeasured, events

from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.connection import connected
from seedbed.cluster.names import EXPERIMENT_LABEL, KIND_LABEL, SEED_LABEL
from seedbed.cluster.profiles import StoreSettings
from seedbed.cluster.rest import Rest, path_of
from seedbed.errors import ClusterFailed, NotFound, StorageFailed
from seedbed_runner.contract.records import RunRequest, RunResult

Document = dict[str, Any]

HEARTBEAT = 10.0  # seconds; a node that is silent for 40 is given up
PAUSE = 1.0  # seconds until something is tried again
SHORT = 1.0  # seconds of fetch, and of score
ROOM = {"cpu": "100k", "memory": "1000Ti", "ephemeral-storage": "1000Ti", "pods": "100k"}
STEPS = ("fetch", "train", "score")
ITEMS = 400  # of validation and of test, as the card says: `ground.prepare`


class Node:
    """Plays every pod that is bound to it."""

    def __init__(self, api: ApiClient, name: str, training: tuple[float, float], store: S3Artifacts) -> None:
        self._api, self._rest, self._name = api, Rest(api), name
        self._training, self._store = training, store
        self._lives: dict[str, asyncio.Task[None]] = {}

    async def work(self) -> None:
        """Play for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            while True:
                try:
                    await self._watch(group)
                except NotMeasured:  # an API server that was restarted: pods are to be ended all the same
                    await asyncio.sleep(PAUSE)

    async def _watch(self, group: asyncio.TaskGroup) -> None:
        chosen = {"fieldSelector": f"spec.nodeName={self._name}", "labelSelector": KIND_LABEL}
        async for kind, pod in events(self._api, "/api/v1/pods", **chosen):
            uid = pod["metadata"]["uid"]
            if kind == "DELETED":
                if life := self._lives.pop(uid, None):
                    life.cancel()
            elif pod["metadata"].get("deletionTimestamp"):
                group.create_task(self._end(pod))
            elif uid not in self._lives:
                self._lives[uid] = group.create_task(self._live(pod))

    async def _beat(self) -> None:
        parent = os.getppid()
        while os.getppid() == parent:
            await self._merge(f"/api/v1/nodes/{self._name}", ready())
            await asyncio.sleep(HEARTBEAT)
        os._exit(1)

    async def _live(self, pod: Document) -> None:
        """One run, to its record."""
        try:
            for step, pause in enumerate((SHORT, random.uniform(*self._training), SHORT)):
                await self._merge(pod_path(pod), pod_status(step))
                await asyncio.sleep(pause)
            await record(self._store, pod)
            await self._merge(pod_path(pod), pod_status(len(STEPS)))
        except (NotFound, StorageFailed):
            return  # it was deleted meanwhile, or all is at its end, and the store gone before
        labels = pod["metadata"]["labels"]
        print(json.dumps([labels[EXPERIMENT_LABEL], int(labels[SEED_LABEL]), time.time()]), flush=True)

    async def _end(self, pod: Document) -> None:
        """A pod that is over needs no grace: the API server removes it at once."""
        path = pod_path(pod)
        try:
            await self._merge(path, {"phase": "Failed"})
            await self._rest.delete(path)
        except (NotFound, ClusterFailed):
            return  # it is gone, or listed again

    async def _merge(self, path: str, status: Document) -> None:
        """Write a status, however often it takes."""
        while True:
            try:
                await self._rest.merge(f"{path}/status", {"status": status})
                return
            except ClusterFailed:
                await asyncio.sleep(PAUSE)


def ready() -> Document:
    """The status of a node that is well and has room for everything."""
    now = instant()
    condition = {"type": "Ready", "status": "True", "reason": "Plays", "lastHeartbeatTime": now}
    return {"capacity": ROOM, "allocatable": ROOM, "conditions": [condition]}


def pod_status(step: int) -> Document:
    """The status of a run's pod in which `step` of the three steps are over."""
    now = instant()

    def container(position: int) -> Document:
        state: Document = {"waiting": {"reason": "PodInitializing"}}
        if position == step:
            state = {"running": {"startedAt": now}}
        elif position < step:
            state = {
                "terminated": {"exitCode": 0, "startedAt": now, "finishedAt": now, "reason": "Completed"}
            }
        return {
            "name": STEPS[position], "image": "none", "imageID": "none", "restartCount": 0,
            "ready": position < step, "state": state,
        }  # fmt: skip

    return {
        "phase": ("Pending", "Pending", "Running", "Succeeded")[step],
        "startTime": now,
        "initContainerStatuses": [container(0), container(1)],
        "containerStatuses": [container(2)],
    }


async def record(store: S3Artifacts, pod: Document) -> None:
    """Write `result.json` where the scorer would."""
    score = pod["spec"]["containers"][0]
    given = {each["name"]: each.get("value", "").replace("$$", "$") for each in score["env"]}
    request = RunRequest.from_json(given["SEEDBED_REQUEST"].encode())
    value, now = random.gauss(0.9 if request.purpose != "Control" else 0.08, 0.01), time.time()
    result = RunResult(
        run_uid=request.run_uid, experiment=request.experiment, experiment_hash=request.experiment_hash,
        seed=request.seed, attempt=request.attempt, purpose=request.purpose, split=request.split,
        outcome="Scored", metric=request.metric, data_hash=request.data_hash, assurance="trusted-code",
        started_at=now, finished_at=now, score=value, metrics={request.metric: value}, chance=0.1,
        items=ITEMS, parameters=650, train_seconds=1.0, image=request.image,
    )  # fmt: skip
    await store.put(f"{given['SEEDBED_DESTINATION']}/result.json", result.to_json())


def pod_path(pod: Document) -> str:
    """Where a pod is served."""
    return path_of("v1", pod["metadata"]["namespace"], "pods", pod["metadata"]["name"])


def instant() -> str:
    """Now, as Kubernetes writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def main(name: str, low: str, high: str, endpoint: str, bucket: str) -> None:
    """Be that node."""
    store = S3Artifacts(StoreSettings(endpoint=endpoint, bucket=bucket))
    async with connected() as api:
        await Node(api, name, (float(low), float(high)), store).work()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
