"""Puts what a `MemoryWorld` holds into a folder, as the laptop world would have left it there."""

import asyncio

from seedbed.cli.documents import FolderDocuments
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import Folder, replace_file
from seedbed.local.loop import Snapshot
from seedbed.local.store import PLURALS


def keep(memory, root):
    """FolderDocuments with the memory's documents (status and UIDs included) and artifacts."""
    folder = Folder(root)
    folder.create()
    for (kind, name), resource in memory.store.resources.items():
        path = folder.resources / PLURALS[kind] / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, resource.model_dump_json(by_alias=True, exclude_none=True).encode())
    artifacts = FolderArtifacts(folder.artifacts)
    for key, data in memory.artifacts.data.items():
        asyncio.run(artifacts.put(key, data))
    return FolderDocuments(folder)


def put(root, resource):
    """The same for one resource made by hand."""
    folder = Folder(root)
    folder.create()
    given = {"uid": f"uid-{resource.metadata.name}", "resource_version": "1"}
    resource = resource.model_copy(update={"metadata": resource.metadata.model_copy(update=given)})
    path = folder.resources / PLURALS[type(resource)] / f"{resource.metadata.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, resource.model_dump_json(by_alias=True, exclude_none=True).encode())
    return FolderDocuments(folder)


def snapshot(memory):
    """What the loop would show now; every live run began at the epoch's second 1,000,000."""
    running = [(name, seed, 1_000_000.0) for name, seed in sorted(memory.launcher.live)]
    return Snapshot(memory.goal, memory.experiments(), running)
