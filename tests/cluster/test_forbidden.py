"""What the schema refuses is refused again behind it: it may be old, or was bypassed."""

import asyncio

import pytest

from cluster.test_launcher import Artifacts
from fakes.asking import NoCalls
from fakes.cluster import settings
from fakes.memory import MemoryPlanner
from fakes.mistakes import EXPERIMENT, GOAL, UNKNOWN, changed
from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.connection import connected
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.store import KubeStore
from seedbed.errors import InvalidManifest
from seedbed.reconcile import Reconciler
from seedbed.world import Profile, World

KINDS = {"ResearchGoal": ResearchGoal, "Experiment": Experiment}


class Unchecked:
    """An API server without a schema: what it is given it gives back."""

    def __init__(self, document):
        self.document, self.patches = document, []

    async def get(self, path):
        return self.document

    async def merge(self, path, patch):
        self.patches.append((path, patch))


@pytest.mark.parametrize(("sample", "path", "value"), UNKNOWN)
def test_65_a_document_with_a_field_that_no_resource_has_is_none(sample, path, value):
    document = changed(changed(sample, path, value), "metadata.resourceVersion", "1")
    kind, name, rest = KINDS[document["kind"]], document["metadata"]["name"], Unchecked(document)
    with pytest.raises(InvalidManifest) as caught:
        asyncio.run(KubeStore(rest, "team").get(kind, name))
    (sentence,) = caught.value.problems
    assert sentence.startswith(f"{path}: unknown field; ")
    ((where, patch),) = rest.patches
    assert where.endswith(f"/{name}/status")
    (condition,) = patch["status"]["conditions"]
    assert (condition["type"], condition["message"]) == ("Reconciled", sentence)


class Bypassed(Rest):
    """A real API server whose resources come back with what its schema dropped."""

    def __init__(self, api, path, value):
        super().__init__(api)
        self._field, self._value = path, value

    async def get(self, path):
        document = await super().get(path)
        return changed(document, self._field, self._value) if "seedbed.dev" in path else document


def reconciled(document, namespace, transport):
    """Create a document and reconcile it once: what was raised, what is there then of it, and its Jobs."""

    async def main():
        async with connected() as client:
            rest, kind = Rest(client), document["kind"]
            path = path_of("seedbed.dev/v1alpha1", namespace, f"{kind.lower()}s")
            await rest.create(path, document)
            ours, artifacts = transport(client), Artifacts()
            launcher = JobLauncher(ours, settings(), namespace, lambda resource: artifacts)
            world = World(
                KubeStore(ours, namespace), launcher, MemoryPlanner(), NoCalls(),
                lambda resource: artifacts, lambda resource: Profile(),
            )  # fmt: skip
            raised, name, reconciler = None, document["metadata"]["name"], Reconciler(world)
            reconcile = reconciler.goal if kind == "ResearchGoal" else reconciler.experiment
            try:
                await reconcile(name)
            except InvalidManifest as error:
                raised = error
            jobs = await rest.list_all(path_of("batch/v1", namespace, "jobs"))
            return raised, await rest.get(f"{path}/{name}"), jobs

    return asyncio.run(main())


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sample", "path", "value"), [(GOAL, "spec.image", "evil:1"), (EXPERIMENT, "spec.hostPath", "/")]
)
def test_65_the_reconciler_refuses_what_came_past_the_schema(namespace, sample, path, value):
    raised, there, jobs = reconciled(sample, namespace, lambda client: Bypassed(client, path, value))
    (condition,) = there["status"]["conditions"]
    assert condition["message"].startswith(f"{path}: unknown field; ")
    assert raised is not None and jobs == []


@pytest.mark.cluster
@pytest.mark.slow
def test_65_the_reconciler_refuses_layers_which_the_schema_lets_pass(namespace):
    layers = [{"type": "Linear", "out_features": "classes", "image": "evil:1"}, {"type": "Shell"}]
    document = changed(changed(EXPERIMENT, "spec.model.layers", layers), "metadata.name", "layers")
    raised, there, jobs = reconciled(document, namespace, Rest)
    assert there["spec"]["model"]["layers"] == layers
    assert there["status"]["phase"] == "Refused"
    first, second = there["status"]["message"].split("; spec.")
    assert first.startswith("spec.model.layers[0].image: ")
    assert second.startswith("model.layers[1].type: 'Shell' is no layer")
    assert raised is None and jobs == []
