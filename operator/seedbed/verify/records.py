"""The two kinds of store that records are read from: a folder, and a bucket (`bucket`). Reading only.

Keys are absolute (the whole path, the whole key in the bucket): what a run needs lies beside the prefix that
a user names as well as below it.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from seedbed.errors import NotFound
from seedbed.local.folder import storage

RESULT = "result.json"


class Records(Protocol):
    """A store, as `verify` sees it."""

    def results(self, place: str) -> list[str]:
        """The key of every record below a place, in their order."""
        ...

    def read(self, key: str) -> bytes | None:
        """The bytes under a key, or None."""
        ...

    def bring(self, key: str, path: Path) -> bool:
        """Copy what is under a key into a file; False when there is nothing."""
        ...

    def prepared(self, place: str, into: Path) -> Path | None:
        """A local folder with the prepared dataset of a place, copied into `into` if need be; or None."""
        ...

    def where(self, key: str) -> str:
        """A key in words."""
        ...


class FolderRecords:
    """Records in a folder."""

    def results(self, place: str) -> list[str]:
        """By their name."""
        with storage(Path(place)):
            return sorted(map(str, Path(place).rglob(RESULT)))

    def read(self, key: str) -> bytes | None:
        """The file's bytes, or None."""
        with storage(Path(key)):
            try:
                return Path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def bring(self, key: str, path: Path) -> bool:
        """Copy a file."""
        with storage(Path(key)):
            try:
                shutil.copyfile(key, path)
            except (FileNotFoundError, NotADirectoryError):
                return False
        return True

    def prepared(self, place: str, into: Path) -> Path | None:
        """The folder itself: runs read it and never write to it."""
        return Path(place) if (Path(place) / "public" / "manifest.json").exists() else None

    def where(self, key: str) -> str:
        """The path."""
        return key


def open_prefix(prefix: str, environment: Mapping[str, str] = os.environ) -> tuple[Records, str]:
    """The store that a prefix lies in, and its key there: a folder's path, or `s3://bucket/prefix`.

    Raises:
        InvalidInput: no bucket of that name can be.
        NotFound: there is no such folder.
    """
    if not prefix.startswith("s3://"):
        folder = Path(prefix).expanduser().resolve()
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder}: give a folder with records, or s3://bucket/prefix")
        return FolderRecords(), str(folder)
    from seedbed.verify.bucket import BucketRecords  # boto3 takes a while to import

    bucket, _, key = prefix.removeprefix("s3://").partition("/")
    return BucketRecords.named(bucket, environment), key.strip("/")
