import asyncio
import json

import pytest

from fakes.memory import goal
from seedbed.api import Experiment, ResearchGoal
from seedbed.errors import AlreadyExists, Conflict, NotFound, StorageFailed
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore


@pytest.fixture
def store(tmp_path):
    folder = Folder(tmp_path)
    folder.create()
    return FolderStore(folder)


def run(awaitable):
    return asyncio.run(awaitable)


def test_what_is_created_comes_back(store):
    made = run(store.create(goal()))
    assert made.metadata.uid and made.metadata.generation == 1 and made.metadata.creation_timestamp
    assert run(store.get(ResearchGoal, "g")) == made
    assert run(store.list_all(ResearchGoal)) == [made]
    assert run(store.list_all(Experiment)) == [] and run(store.get(ResearchGoal, "other")) is None


def test_a_name_is_taken_once(store):
    run(store.create(goal()))
    with pytest.raises(AlreadyExists, match="there is a ResearchGoal named g already"):
        run(store.create(goal()))


def test_who_read_an_older_version_does_not_write(store):
    first = run(store.create(goal()))
    second = run(store.patch_status(first, first.status.model_copy(update={"phase": "Preparing"})))
    assert second.status.phase == "Preparing" and second.metadata.generation == 1
    with pytest.raises(Conflict, match="was changed by somebody else"):
        run(store.patch_status(first, first.status))
    with pytest.raises(Conflict):
        store.patch_spec(first, suspend=True)
    assert run(store.get(ResearchGoal, "g")) == second


def test_a_changed_spec_is_a_new_generation(store):
    made = run(store.create(goal()))
    changed = store.patch_spec(made, suspend=True)
    assert changed.spec.suspend and changed.metadata.generation == 2
    assert changed.status == made.status


def test_a_resource_that_is_gone_is_not_written(store):
    made = run(store.create(goal()))
    store.delete(ResearchGoal, "g")
    store.delete(ResearchGoal, "g")
    with pytest.raises(NotFound):
        run(store.patch_status(made, made.status))


def test_a_damaged_document_is_a_sentence(store, tmp_path):
    run(store.create(goal()))
    path = tmp_path / "resources" / "researchgoals" / "g.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(StorageFailed, match=r"g\.json is damaged"):
        run(store.get(ResearchGoal, "g"))


def test_documents_are_what_kubectl_would_show(store, tmp_path):
    run(store.create(goal()))
    document = json.loads((tmp_path / "resources" / "researchgoals" / "g.json").read_text())
    assert document["apiVersion"] == "seedbed.dev/v1alpha1"
    assert document["spec"]["budget"]["gpuHours"] == 10


def test_versions_count_own_writes(store):
    made = run(store.create(goal()))
    assert store.version == 1
    run(store.patch_status(made, made.status))
    assert store.version == 2
