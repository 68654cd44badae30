"""The control side's end of the warm parent: a process of the runner that forks a process per run.

It speaks JSON lines with `python -m seedbed_runner warm`, which has torch imported and forks in milliseconds.
When this process dies the warm parent dies, and every run with it.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from seedbed.errors import LauncherFailed, SeedbedError

# What the training side may inherit: nothing that names an account, a key or a service.
PASSED_ON = (
    "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME",
    "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA",
)  # fmt: skip
SINGLE_THREADED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LONGEST_LINE = 1 << 20


def runner_environment() -> dict[str, str]:
    """The environment of every process of the training side."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, **SINGLE_THREADED, "CUBLAS_WORKSPACE_CONFIG": ":4096:8", "PYTHONHASHSEED": "0"}


class WarmParent:
    """One warm parent; `on_event` gets each of its messages, and `{"event": "died"}` when it is gone.

    `on_error` gets what `on_event` raises: an error there must end the search, not the listening.
    """

    def __init__(
        self, on_event: Callable[[dict[str, Any]], None], on_error: Callable[[Exception], None]
    ) -> None:
        self._on_event, self._on_error = on_event, on_error
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process, while it lives."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it; it answers with `ready` once torch is imported."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "seedbed_runner", "warm",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=runner_environment(), limit=LONGEST_LINE, start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None and process.stderr is not None
        errors = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            self._hand_on(json.loads(line))
        code = await process.wait()
        said = (await errors).decode(errors="replace").strip().splitlines()
        self._hand_on({"event": "died", "code": code, "message": said[-1] if said else ""})

    def _hand_on(self, event: dict[str, Any]) -> None:
        try:
            self._on_event(event)
        except SeedbedError as error:
            self._on_error(error)

    def send(self, message: dict[str, Any]) -> None:
        """Send one command.

        Raises:
            LauncherFailed: it is not there.
        """
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            raise LauncherFailed("the process that starts runs is gone")
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def close(self) -> None:
        """End it and every run of it, and wait until they are gone."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader
        self._process = None
