"""The resources of a laptop: one JSON document a file, with optimistic concurrency.

Any process may change a `spec` (`stop`, `approve`) while another one decides; a lock is held for the moment
of each write, and the version tells who came second.
"""

import contextlib
import fcntl
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seedbed.api import Experiment, ResearchGoal
from seedbed.engine.instants import to_text
from seedbed.errors import AlreadyExists, Conflict, NotFound, StorageFailed
from seedbed.local.folder import Folder, create_file, replace_file, storage
from seedbed.world import Resource

PLURALS: dict[type[ResearchGoal] | type[Experiment], str] = {
    ResearchGoal: "researchgoals",
    Experiment: "experiments",
}


class FolderStore:
    """`world.Store` over a folder; `version` counts this process's own writes."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.version = 0

    def _path(self, kind: type[Resource], name: str) -> Path:
        return self.folder.resources / PLURALS[kind] / f"{name}.json"

    async def get(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        return self.read(kind, name)

    def read(self, kind: type[Resource], name: str) -> Resource | None:
        """The same for callers outside an event loop."""
        path = self._path(kind, name)
        with storage(path):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            return kind.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "document"
            raise StorageFailed(f"{path} is damaged: {where}: {first['msg']}") from error

    async def list_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        return self.read_all(kind)

    def read_all(self, kind: type[Resource]) -> list[Resource]:
        """The same for callers outside an event loop."""
        names = sorted(path.stem for path in (self.folder.resources / PLURALS[kind]).glob("[!.]*.json"))
        return [found for name in names if (found := self.read(kind, name)) is not None]

    async def create(self, resource: Resource) -> Resource:
        """Store a new resource with a fresh UID."""
        metadata = resource.metadata.model_copy(
            update={
                "uid": str(uuid.uuid4()),
                "generation": 1,
                "resource_version": "1",
                "creation_timestamp": to_text(time.time()),
            }
        )
        stored = resource.model_copy(update={"metadata": metadata})
        if not create_file(self._path(type(resource), metadata.name), _document(stored)):
            raise AlreadyExists(f"there is a {resource.kind} named {metadata.name} already")
        self.version += 1
        return stored

    async def patch_status(self, resource: Resource, status: Any) -> Resource:
        """Replace the status if the resource is still as it was read."""
        return self._replace(resource, {"status": status}, generation=resource.metadata.generation)

    def patch_spec(self, resource: Resource, **update: Any) -> Resource:
        """Change fields of the spec if the resource is still as it was read; a new generation."""
        spec = resource.spec.model_copy(update=update)
        return self._replace(resource, {"spec": spec}, generation=resource.metadata.generation + 1)

    def _replace(self, resource: Resource, update: dict[str, Any], generation: int) -> Resource:
        name = resource.metadata.name
        with self._writing():
            there = self.read(type(resource), name)
            if there is None:
                raise NotFound(f"the {resource.kind} {name} is gone")
            if there.metadata.resource_version != resource.metadata.resource_version:
                raise Conflict(f"the {resource.kind} {name} was changed by somebody else")
            version = str(int(there.metadata.resource_version) + 1)
            metadata = there.metadata.model_copy(
                update={"resource_version": version, "generation": generation}
            )
            stored = there.model_copy(update={"metadata": metadata, **update})
            replace_file(self._path(type(resource), name), _document(stored))
        self.version += 1
        return stored

    def delete(self, kind: type[Resource], name: str) -> None:
        """Remove a resource; it is no error when it is gone already."""
        with self._writing():
            self._path(kind, name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        path = self.folder.root / "write.lock"
        with storage(path), path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _document(resource: ResearchGoal | Experiment) -> bytes:
    return resource.model_dump_json(by_alias=True, exclude_none=True, indent=1).encode()
