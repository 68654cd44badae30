"""GPUs that a node only pretends to have: asked for, waited for, and missed.

The test itself has a node advertise two, so KUBECONFIG must allow to patch a node's status; a node with GPUs
of its own is left alone.
"""

import asyncio
import json
import time
import uuid
from dataclasses import replace

import pytest

from cluster.conftest import kubectl
from cluster.test_launcher import Artifacts
from fakes.asking import NoCalls
from fakes.cluster import SMALL, asked, settings
from fakes.memory import MemoryPlanner, card
from fakes.mistakes import EXPERIMENT, changed
from fakes.operating import create, first_node, namespace_with, node_address, operating, until
from fakes.seaweed import running
from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.connection import connected
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.names import SEED_LABEL, card_key
from seedbed.cluster.podends import state
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.store import KubeStore
from seedbed.reconcile import Reconciler
from seedbed.world import Profile, World
from seedbed_runner.contract.hashing import dataset_key

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SEEDS = [0, 1, 2, 3]
SOON = 10.0  # seconds from when the last GPU is taken until a run says that it waits for one
PATIENCE = 120.0


@pytest.fixture(scope="module", autouse=True)
def two_gpus(crds):
    """A node says that it has two."""
    node = first_node()
    if node["status"]["capacity"].get("nvidia.com/gpu", "0") != "0":
        pytest.skip("the node has GPUs of its own")
    paths = [f"/status/{part}/nvidia.com~1gpu" for part in ("capacity", "allocatable")]

    def patch(*changes):
        target = ("node", node["metadata"]["name"], "--subresource=status", "--type=json")
        kubectl("patch", *target, "-p", json.dumps(changes))

    patch(*({"op": "add", "path": path, "value": "2"} for path in paths))
    yield
    patch(*({"op": "remove", "path": path} for path in paths))


class Slow(JobLauncher):
    """Its runs, which the stand-in image plays, train for some seconds."""

    async def start(self, experiment, request):
        await super().start(experiment, replace(request, training={"train": "sleep:5"}))


class Watched:
    """What can be seen of an experiment's runs while it is reconciled."""

    def __init__(self, rest, namespace, made):
        self.most, self.begun, self.told = 0, set(), {}
        self._rest, self._namespace, self._made = rest, namespace, made
        self._all_taken = None

    async def look(self):
        """Count the pods that hold a GPU, and note which seeds train and what the others say."""
        pods = await self._rest.list_all(path_of("v1", self._namespace, "pods"))
        bound = [pod for pod in pods if pod["spec"].get("nodeName")]
        holding = [pod for pod in bound if pod["status"]["phase"] in ("Pending", "Running")]
        self.most = max(self.most, len(holding))
        if self.most == 2 and self._all_taken is None:
            self._all_taken = time.monotonic()
        self.begun |= {int(pod["metadata"]["labels"][SEED_LABEL]) for pod in bound if state(pod, "train")}
        there = await KubeStore(self._rest, self._namespace).get(Experiment, self._made.metadata.name)
        for run in there.status.runs:
            if self._all_taken and "Insufficient nvidia.com/gpu" in (run.message or ""):
                self.told.setdefault(run.seed, (run, time.monotonic() - self._all_taken))


async def four_runs(namespace):
    """Reconcile an experiment of four seeds, a GPU each, until all of them have begun to train."""
    document = changed(changed(EXPERIMENT, "spec.seeds", SEEDS), "spec.resources", SMALL | {"gpus": 1})
    artifacts = Artifacts()
    async with connected() as client:
        rest = Rest(client)
        store = KubeStore(rest, namespace)
        made = await store.create(Experiment.model_validate(document))
        artifacts.data[card_key(namespace, dataset_key(made.spec.dataset.document()))] = card().to_json()
        launcher = Slow(rest, settings(device="cpu"), namespace, lambda resource: artifacts)
        world = World(
            store,
            launcher,
            MemoryPlanner(),
            NoCalls(),
            lambda resource: artifacts,
            lambda resource: Profile("cpu"),
        )
        reconciler, watched = Reconciler(world), Watched(rest, namespace, made)
        async with asyncio.timeout(PATIENCE):
            while watched.begun != set(SEEDS):
                await reconciler.experiment(made.metadata.name)
                await watched.look()
                await asyncio.sleep(0.2)
        await store.delete(Experiment, made.metadata.name)
        return watched


def test_no_more_runs_at_once_than_gpus_and_the_others_say_what_they_wait_for(namespace):
    watched = asyncio.run(four_runs(namespace))
    assert watched.most == 2
    assert len(watched.told) == 2
    for run, after in watched.told.values():
        assert (run.phase, run.reason) == ("Waiting", "Unschedulable") and after < SOON
        assert run.message.startswith("no node takes it: ")


def test_a_gpu_without_a_device_is_a_failure_that_the_goal_tells(tmp_path):
    namespace = f"gpus-{uuid.uuid4().hex[:8]}"
    goal = asked(
        "wanting", dataset={"name": "iris", "split": {"test": 0.3, "validation": 0.3}},
        objective={"metric": "balanced_accuracy", "target": 0.88}, seeds={"explore": 1},
        budget={"experiments": 2, "parallel": 1, "failures": 1},
        resources={"gpus": 1, "cpu": 0.5, "memory": "1Gi"},
    ).document()  # fmt: skip
    with running(tmp_path / "store", node_address()) as store:
        with namespace_with(store, namespace), operating(tmp_path, store, [namespace], default={}):
            create(namespace, goal)
            status = until(lambda: (now := read(namespace)).finished and now)
    (line,) = status.experiments
    assert (line.outcome, line.reason) == ("Failed", "NoDevice"), status
    assert line.message == "device cuda was asked for, but this machine has no usable CUDA device"
    assert "1 experiments failed, as many as the budget allows" in status.verdict.message


def read(namespace):
    found = json.loads(kubectl("-n", namespace, "get", "rg", "wanting", "-o", "json"))
    return ResearchGoal.model_validate(found).status
