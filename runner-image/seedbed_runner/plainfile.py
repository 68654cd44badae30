"""Reading what an untrusted process left behind: one fixed name, a regular file with one link, bounded size.

Nothing here follows a link, waits for a FIFO, walks a folder or allocates by the file's own word. Used by the
supervisor (a failure's text), the scorer (predictions, weights) and by `keep`.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seedbed_runner.errors import ModelFailure

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def open_plain(folder: Path, name: str) -> Iterator[tuple[int, int]]:
    """The descriptor and the size of the regular file `name` in `folder`.

    Raises:
        ModelFailure: NoPredictions if there is nothing of that name, NotRegular if it is anything else.
    """
    try:
        directory = os.open(folder, _FLAGS | os.O_DIRECTORY)
    except OSError as error:
        raise ModelFailure("NotRegular", f"{folder.name} is no folder any more") from error
    try:
        handle = _open(directory, name)
    finally:
        os.close(directory)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise ModelFailure("NotRegular", f"{name} is not a regular file of its own")
        yield handle, found.st_size
    finally:
        os.close(handle)


def _open(directory: int, name: str) -> int:
    try:
        return os.open(name, _FLAGS, dir_fd=directory)
    except FileNotFoundError as error:
        raise ModelFailure("NoPredictions", f"the run wrote no {name}") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EACCES, errno.EOPNOTSUPP):
            raise ModelFailure("NotRegular", f"{name} is not a regular file of its own") from error
        raise


def read_exactly(handle: int, size: int) -> bytes:
    """The next `size` bytes.

    Raises:
        ModelFailure: Size, if the file ends before.
    """
    chunks, missing = [], size
    while missing:
        chunk = os.read(handle, min(missing, 2**24))
        if not chunk:
            raise ModelFailure("Size", f"a file ends {missing} bytes early")
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def read_plain(folder: Path, name: str, limit: int) -> bytes:
    """All of a regular file of at most `limit` bytes.

    Raises:
        ModelFailure: it is missing, not regular, or larger.
    """
    with open_plain(folder, name) as (handle, size):
        if size > limit:
            raise ModelFailure("Size", f"{name} has {size} bytes, at most {limit} are read")
        return read_exactly(handle, size)
