"""The preparation of a dataset in a process of its own: the launcher's, and that of commands."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedbed.local.settings import read_settings
from seedbed.local.sources import preparing_environment


async def prepare(
    dataset: Mapping[str, Any], into: Path, environment: Mapping[str, str] | None = None
) -> str | None:
    """Prepare a dataset below a folder, unless it is there; why it can't be, or None once it is there.

    Args:
        dataset: `spec.dataset` with every default filled in.
        into: the root of prepared datasets; several processes may prepare there at once.
        environment: by `preparing_environment`; None: by the settings of this process, without flags.
    """
    given = preparing_environment(read_settings()) if environment is None else environment
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "seedbed_runner", "prepare",
        "--dataset", json.dumps(dataset), "--into", str(into),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=given,
        start_new_session=True,
    )  # fmt: skip
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:  # interrupted: it must not go on alone
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return None
    said = errors.decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"preparation ended with code {process.returncode}"
