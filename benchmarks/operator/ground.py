"""What the benchmark makes in a cluster, and takes away again: namespaces, a Node, Experiments."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from kubernetes.aio.client import ApiClient

from seedbed.api import Experiment, ExperimentSpec, Metadata
from seedbed.api.dataset import Dataset
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.names import card_key
from seedbed.cluster.rest import Rest
from seedbed.cluster.store import KubeStore
from seedbed.errors import ClusterFailed, Conflict
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card

Document = dict[str, Any]

LABEL = "seedbed.dev/benchmark"  # of the Node, in its taint, and on the namespaces
HASH = "sha256:" + "0" * 64
DATASET = Dataset(name="digits")
AT_ONCE = 8  # requests
PATIENCE = 600.0  # seconds for a namespace to go


class Ground:
    """One benchmark's part of a cluster; `name` is the Node's, and begins the names of its namespaces."""

    def __init__(self, api: ApiClient, name: str) -> None:
        self._rest, self.name = Rest(api), name

    @asynccontextmanager
    async def node(self) -> AsyncIterator[None]:
        """A Node that takes only pods of the benchmark."""
        taint = {"key": LABEL, "value": self.name, "effect": "NoSchedule"}
        metadata = {"name": self.name, "labels": {LABEL: self.name}}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {"taints": [taint]}}
        await self._rest.create("/api/v1/nodes", node)
        try:
            yield
        finally:
            await self._remove(f"/api/v1/nodes/{self.name}")

    async def until_ready(self, patience: float = 60.0) -> None:
        """Wait until the control plane trusts the Node: nothing but its own taint is on it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            node = await self._rest.get(f"/api/v1/nodes/{self.name}") or {}
            if len(node.get("spec", {}).get("taints", [])) == 1:
                return
            await asyncio.sleep(0.5)
        raise TimeoutError(f"the Node {self.name} was not found ready within {patience:.0f} s")

    @asynccontextmanager
    async def namespace(self, suffix: str) -> AsyncIterator[str]:
        """A namespace for the time of the block, which ends when it is gone."""
        name = f"{self.name}-{suffix}"
        path = f"/api/v1/namespaces/{name}"
        metadata = {"name": name, "labels": {LABEL: self.name}}
        await self._rest.create("/api/v1/namespaces", {"apiVersion": "v1", "metadata": metadata})
        try:
            yield name
        finally:
            await self._remove(path)

    async def _remove(self, path: str) -> None:
        """Until it is gone, whatever happens to the API server meanwhile."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                await self._rest.delete(path)
                if await self._rest.get(path) is None:
                    return
            except (ClusterFailed, Conflict):  # Conflict: a namespace that is being emptied
                pass
            await asyncio.sleep(1.0)
        print(f"{path} is still there after {PATIENCE:.0f} s: delete it", file=sys.stderr)

    def profile(self, image: str = "example.org/never-pulled:1") -> Document:
        """The run profile that brings pods to the Node."""
        return {
            "image": image,
            "device": "cpu",
            "nodeSelector": {LABEL: self.name},
            "tolerations": [{"key": LABEL, "operator": "Exists"}],
        }

    async def experiments(self, namespace: str, names: list[str], seeds: int) -> list[Experiment]:
        """Make Experiments that stand alone."""
        store = KubeStore(self._rest, namespace)
        made = [_experiment(namespace, name, seeds) for name in names]
        return await gathered(AT_ONCE, [store.create(each) for each in made])


async def gathered(at_once: int, work: list[Any]) -> list[Any]:
    """The results of coroutines of which so many run at once, in their order."""
    free = asyncio.Semaphore(at_once)

    async def one(each: Any) -> Any:
        async with free:
            return await each

    return await asyncio.gather(*map(one, work))


async def prepare(artifacts: S3Artifacts, namespace: str) -> None:
    """The dataset's card: whoever finds it takes the dataset for prepared."""
    key = dataset_key(DATASET.document())
    card = Card(
        key=key, name="digits", title="Digits", kind="image", input_shape=[1, 8, 8], classes=10,
        sizes={"train": 1000, "validation": 400, "test": 400}, chance=0.1, imbalance=1.0, baselines={},
        duplicates_removed=0, source_hash=HASH, data_hash=HASH, leakable=False, versions={},
    )  # fmt: skip
    await artifacts.put(card_key(namespace, key), card.to_json())


def _experiment(namespace: str, name: str, seeds: int) -> Experiment:
    layers = [
        {"type": "Conv2d", "out_channels": 16, "kernel_size": 3},
        {"type": "ReLU"},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": "classes"},
    ]
    spec = ExperimentSpec(
        dataset=DATASET, data_hash=HASH, model={"layers": layers}, seeds=list(range(seeds)), device="cpu"
    )
    return Experiment(metadata=Metadata(name=name, namespace=namespace), spec=spec)
