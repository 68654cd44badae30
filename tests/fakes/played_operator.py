"""`python -m fakes.played_operator NAMESPACE FOLDER IDENTITY`: the real operator, and runs that are played.

Resources, watches, Lease and events are the API server's. A run is a Job without pods, whose record a task
writes after a moment; records and proposals are files, so that they outlive the process. Its metrics are
served on a port that it logs: `metrics on port …`.
"""

import asyncio
import logging
import random
import sys
import time
from collections.abc import MutableMapping
from pathlib import Path

from fakes.asking import NoCalls
from fakes.memory import MemoryArtifacts, MemoryLauncher, MemoryPlanner
from seedbed.cluster import logs
from seedbed.cluster.connection import connected
from seedbed.cluster.events import Events, TellingStore
from seedbed.cluster.exposition import serving
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.measuring import MeasuredArtifacts, MeasuredPlanner, MeasuredStore
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.names import EXPERIMENT_LABEL, KIND_LABEL
from seedbed.cluster.operator import Operator, Place
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.settings import OperatorSettings, Watch
from seedbed.cluster.store import KubeStore
from seedbed.errors import AlreadyExists, NotFound
from seedbed.world import Profile, World

LONGEST_RUN = 0.3  # seconds


class Files(MutableMapping):
    """A dict whose values are files."""

    def __init__(self, folder):
        self.folder = folder

    def _path(self, key):
        return self.folder / key.replace("/", "~")

    def __getitem__(self, key):
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def __setitem__(self, key, value):
        partial = self._path(key).with_suffix(".partial")
        partial.write_bytes(value)
        partial.rename(self._path(key))

    def __delitem__(self, key):
        self._path(key).unlink()

    def __iter__(self):
        return (path.name.replace("~", "/") for path in self.folder.iterdir() if path.suffix != ".partial")

    def __len__(self):
        return len(list(self))


class Kept(MemoryArtifacts):
    async def put(self, key, data):
        new = key not in self.data
        if new:
            self.data[key] = data
        return new

    async def check(self):
        return None


class Player(MemoryLauncher):
    """Its runs are Jobs that only the operator and this task know of."""

    def __init__(self, rest, namespace, artifacts):
        super().__init__(artifacts)
        self.rest, self.namespace, self.playing = rest, namespace, set()
        self.clock, self.prepared = time.time, True

    async def start(self, experiment, request):
        await super().start(experiment, request)
        name = f"{experiment.metadata.name}-s{request.seed}-a{request.attempt}"
        labels = {KIND_LABEL: "run", EXPERIMENT_LABEL: experiment.metadata.name}
        pod = {"restartPolicy": "Never", "containers": [{"name": "none", "image": "none"}]}
        owner = {"apiVersion": experiment.api_version, "kind": "Experiment", "blockOwnerDeletion": False}
        owner |= {"name": experiment.metadata.name, "uid": experiment.metadata.uid}
        job = {
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": name, "labels": labels, "ownerReferences": [owner]},
            "spec": {"parallelism": 0, "template": {"spec": pod}},
        }  # fmt: skip
        try:
            await self.rest.create(path_of("batch/v1", self.namespace, "jobs"), job)
        except AlreadyExists:
            pass  # of a process that was killed
        task = asyncio.create_task(self._play((experiment.metadata.name, request.seed), name))
        self.playing.add(task)
        task.add_done_callback(self.playing.discard)

    async def _play(self, key, name):
        await asyncio.sleep(random.uniform(0, LONGEST_RUN))
        if key in self.live:
            self.end(key)
        path = path_of("batch/v1", self.namespace, "jobs", name)
        try:
            await self.rest.merge(path, {"metadata": {"annotations": {"over": "true"}}})
        except NotFound:
            pass  # its experiment was deleted, and it too


def played_world(rest, namespace, folder, events, metrics):
    artifacts = Kept(Files(folder))
    measured = MeasuredArtifacts(artifacts, "default", metrics)
    return World(
        MeasuredStore(TellingStore(KubeStore(rest, namespace), events), namespace, metrics),
        Player(rest, namespace, artifacts), MeasuredPlanner(MemoryPlanner(), metrics), NoCalls(),
        lambda resource: measured, lambda resource: Profile(),
    )  # fmt: skip


async def main(namespace, folder, identity, make_world=played_world):
    logs.set_up("text")
    Path(folder).mkdir(parents=True, exist_ok=True)
    async with connected() as client:
        metrics = Metrics()
        rest = Rest(client, metrics.asked)
        events = Events(rest, identity)
        world = make_world(rest, namespace, Path(folder), events, metrics)
        settings = OperatorSettings(watch=Watch(namespaces=[namespace]))
        place = Place(identity, None)
        async with serving(metrics.registry, 0) as port:
            logging.info("metrics on port %d", port)
            await Operator(rest, settings, place, lambda namespace: world, events, metrics, Freshness()).run()
        logging.info("over")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
