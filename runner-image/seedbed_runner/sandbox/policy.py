"""What a sealed process may still have: files, and amounts of all that a machine has only so much of."""

from dataclasses import dataclass, field
from pathlib import Path

from seedbed_runner.weights import MAX_FILE


@dataclass(frozen=True)
class Limits:
    """Amounts; those of memory and time are in the run's request.

    Attributes:
        file_bytes: of any file.
        disk_bytes: of all files together.
        entries: how many files.
        threads: of all processes together, besides those that the request asks for.
        descriptors: that are open at once.
    """

    file_bytes: int = MAX_FILE + 2**20
    disk_bytes: int = MAX_FILE + 2**30
    entries: int = 1_000
    threads: int = 256
    descriptors: int = 1_024


@dataclass(frozen=True)
class Policy:
    """One process's seal.

    Attributes:
        read: files and folders that it may read, besides Python and the packages that training needs.
        write: the folder in which it may make and write regular files; no other kind, no folder, no removal.
        scratch: a folder below `write` for temporary files.
        devices: whether it may use a GPU.
        memory_bytes: what its memory is limited to elsewhere; a process without a GPU can't reserve more
            than twice that. None: no limit.
        limits: further amounts.
    """

    read: tuple[Path, ...]
    write: Path
    scratch: Path
    devices: bool = False
    memory_bytes: int | None = None
    limits: Limits = field(default_factory=Limits)
