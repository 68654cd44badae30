"""Whole messages of a known length through a pipe, whose reads and writes may be partial."""

import os


def write_fully(descriptor: int, data: bytes) -> None:
    """Write all of `data`.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def read_fully(descriptor: int, size: int) -> bytes:
    """Read `size` bytes.

    Raises:
        EOFError: the other side ended before.
    """
    parts, missing = [], size
    while missing:
        if not (part := os.read(descriptor, min(missing, 2**20))):
            raise EOFError(f"{size - missing} of {size} bytes came")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
