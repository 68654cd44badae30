"""A file as the hub lists it, and whether what arrived is that file.

Large ones are listed with their sha256; others with the hash that git gives to their content.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from seedbed_runner.errors import Infrastructure


@dataclass(frozen=True)
class Listed:
    """One file of a commit.

    Attributes:
        name: its path in the repository.
        size: in bytes.
        sha256: of its content; None where the hub gives `git` only.
        git: git's own hash of the content.
    """

    name: str
    size: int
    sha256: str | None
    git: str | None

    @classmethod
    def of(cls, file: Any) -> Self:
        """From huggingface_hub's `RepoSibling`."""
        return cls(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None, file.blob_id)

    def is_here(self, folder: Path) -> bool:
        """Whether the folder holds it, whole."""
        path = folder / self.name
        return path.is_file() and path.stat().st_size == self.size and self._same(path)

    def _same(self, path: Path) -> bool:
        with path.open("rb") as file:
            if self.sha256:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
            digest = hashlib.sha1(f"blob {self.size}\0".encode(), usedforsecurity=False)
            while block := file.read(2**20):
                digest.update(block)
        return digest.hexdigest() == self.git


def require_same(file: Listed, folder: Path, name: str, address: str) -> None:
    """Remove what arrived as a file unless it is the one that was listed.

    Raises:
        Infrastructure: DownloadDamaged.
    """
    if file.is_here(folder):
        return
    path = folder / file.name
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    what = f"has {size} bytes instead of {file.size}" if size != file.size else "has another checksum"
    raise Infrastructure(
        "DownloadDamaged",
        f"{name}: {file.name} from {address} {what} than the hub lists: it was removed; try again, and if it "
        "stays so tell the mirror's owner",
    )
