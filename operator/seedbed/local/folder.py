"""One folder that holds a laptop's goals: where things are in it, and who may work in it.

    resources/   the documents                    datasets/   prepared data, by key
    artifacts/   records, weights, proposals      work/       runs under way; emptied at every start
    heartbeats/  when a goal was last worked on

Writing is atomic (temporary file, fsync, rename or link), so that a death at any instant leaves the old
document or the new one. Decisions are made by one process at a time, which holds `controller.lock`.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from seedbed.errors import FolderBusy, StorageFailed


class Folder:
    """A laptop's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.resources = root / "resources"
        self.artifacts = root / "artifacts"
        self.datasets = root / "datasets"
        self.work = root / "work"
        self.heartbeats = root / "heartbeats"
        self._lock = root / "controller.lock"

    def create(self) -> None:
        """Make the folder and its parts.

        Raises:
            StorageFailed: it can't be made or written.
        """
        with storage(self.root):
            for part in (self.resources, self.artifacts, self.datasets, self.work, self.heartbeats):
                part.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def controlling(self) -> Iterator[None]:
        """Be the one process that decides in this folder.

        Raises:
            FolderBusy: another process works here.
        """
        self.create()
        with storage(self._lock):
            lock = self._lock.open("a+")
        with lock:
            with storage(self._lock):
                self._acquire(lock.fileno())
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
            self.clear_work()
            yield  # outside `storage`: an error of the block is not the folder's

    def _acquire(self, lock: int) -> None:
        """Lock for good, or say who has it; `holder` of another process may have it for a moment."""
        for patience in (0.1, 0.0):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                if not patience:
                    raise FolderBusy(self._busy()) from error
            time.sleep(patience)

    def holder(self) -> int | None:
        """The process that works in this folder, if there is one."""
        try:
            with self._lock.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            with contextlib.suppress(ValueError):
                return int(self._lock.read_text())
        return None

    def _busy(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            return (
                f"process {int(self._lock.read_text())} works in {self.root} already: "
                "wait for it, stop its goal with `research-agent stop NAME`, or give another --folder"
            )
        return f"another process works in {self.root} already: wait for it, or give another --folder"

    def heartbeat(self, name: str) -> None:
        """Say that a goal is being worked on."""
        with storage(self.heartbeats):
            (self.heartbeats / name).touch()

    def last_heartbeat(self, name: str) -> float | None:
        """When a goal was last worked on; None if never."""
        with storage(self.heartbeats):
            try:
                return (self.heartbeats / name).stat().st_mtime
            except FileNotFoundError:
                return None

    def clear_work(self) -> None:
        """Remove what runs of a process before this one left behind; their records are elsewhere."""
        with storage(self.work):
            for left in self.work.iterdir():
                shutil.rmtree(left)


@contextlib.contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the operating system's errors about `path` into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFailed(
                f"the disk that holds {path} is full: free some space, then `research-agent resume` it; "
                "what was recorded so far is kept"
            ) from error
        where = error.filename or path
        raise StorageFailed(f"{where}: {(error.strerror or str(error)).lower()}") from error


def _write_temporary(target: Path, data: bytes) -> Path:
    """A complete, synced file beside `target`."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink()
        raise
    return temporary


def replace_file(target: Path, data: bytes) -> None:
    """Write a file atomically over what was there."""
    with storage(target):
        os.replace(_write_temporary(target, data), target)


def create_file(target: Path, data: bytes) -> bool:
    """Write a file atomically unless there is one; whether it was written."""
    with storage(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return False
        temporary = _write_temporary(target, data)
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
    return True
