"""A run's log: what the child prints, drained without end and kept up to a cap."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_BYTES = 1_000_000
_CHUNK = 65_536
_CUT = f"\n… cut here: a log keeps {MAX_BYTES} bytes\n".encode()


class CappedLog:
    """Copies from a pipe to a file until the cap, then on to nowhere: a child that prints never blocks."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._left = MAX_BYTES

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def drain(self, source: int) -> bool:
        """Take what there is now, at most 1 MiB, from a non-blocking descriptor; False at its end."""
        for _ in range(16):
            try:
                chunk = os.read(source, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._keep(chunk)
        return True

    def _keep(self, chunk: bytes) -> None:
        if self._left > 0:
            kept = chunk[: self._left]
            self._left -= len(kept)
            self._file.write(kept + (_CUT if self._left == 0 else b""))
