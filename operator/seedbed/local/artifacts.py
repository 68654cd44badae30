"""Artifacts of a laptop: files under one folder, each written once."""

import shutil
from pathlib import Path

from seedbed.errors import StorageFailed
from seedbed.local.folder import create_file, storage


class FolderArtifacts:
    """`world.Artifacts` over a folder; keys are paths below it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where `key` is kept.

        Raises:
            StorageFailed: the key would lead out of the folder.
        """
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise StorageFailed(f"artifact key {key!r} leads out of {self.root}")
        return path

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`, or None."""
        return self.read(key)

    def read(self, key: str) -> bytes | None:
        """The same for callers outside an event loop."""
        path = self.path(key)
        with storage(path):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    async def put(self, key: str, data: bytes) -> bool:
        """Write unless there is something under `key` already; whether it was written."""
        return create_file(self.path(key), data)

    def keys(self, prefix: str) -> list[str]:
        """Every key under `prefix`, sorted; what is being written is not there yet."""
        path = self.path(prefix)
        with storage(path):
            files = [each for each in path.rglob("[!.]*") if each.is_file()]
        return sorted(each.relative_to(self.root.resolve()).as_posix() for each in files)

    def remove(self, prefix: str) -> None:
        """Remove everything under `prefix`."""
        path = self.path(prefix)
        with storage(path):
            if path.exists():
                shutil.rmtree(path)
