"""Has datasets loaded by the runner, in a process of its own, and says what they are."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from seedbed.api.dataset import Dataset
from seedbed.cli.exits import BAD_INPUT
from seedbed.cli.sentence import dataset_called
from seedbed.errors import InvalidInput, LauncherFailed
from seedbed.local.settings import read_settings
from seedbed.local.sources import preparing_environment
from seedbed_runner.contract.origins import CACHE, default_cache


def load_each(names: Sequence[str], target: str | None, sources: Mapping[str, Any], as_json: bool) -> None:
    """Load datasets one after the other, and print what each is.

    Raises:
        InvalidInput: one is not here and may not be downloaded, or is something else.
        LauncherFailed: a download failed.
    """
    environment = preparing_environment(read_settings(**sources))
    found = []
    for name in (dataset_called(each, typed="") for each in names):
        found.append(load(Dataset(name=name, target=target).document(), environment))
        if not as_json:
            click.echo(sentence(found[-1]))
    if as_json:
        click.echo(json.dumps(found, indent=1))


def load(dataset: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the runner says of one dataset.

    Raises:
        InvalidInput, LauncherFailed: as for `load_each`.
    """
    command = [sys.executable, "-I", "-m", "seedbed_runner", "load", "--dataset", json.dumps(dataset)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(environment)
    )
    with process:  # an interrupt ends it too: it is of the terminal's process group
        output, errors = _waited(
            process, str(dataset["name"]), Path(environment.get(CACHE) or default_cache())
        )
    if process.returncode == 0:
        described: dict[str, Any] = json.loads(output.splitlines()[-1])
        return described
    said = errors.strip().splitlines()
    message = said[-1] if said else f"loading {dataset['name']} ended with code {process.returncode}"
    raise InvalidInput(message) if process.returncode == BAD_INPUT else LauncherFailed(message)


def _waited(process: "subprocess.Popen[str]", name: str, cache: Path) -> tuple[str, str]:
    """Its output and errors at its end; meanwhile, on a terminal, how long it takes and what has come."""
    console, started, before = Console(stderr=True), time.monotonic(), _bytes_below(cache)
    if not console.is_terminal:
        return process.communicate()
    with console.status(f"loading {escape(name)}") as status:
        while True:
            try:
                return process.communicate(timeout=1.0)
            except subprocess.TimeoutExpired:
                come = max(0, _bytes_below(cache) - before) / 1e6
                seconds = time.monotonic() - started
                status.update(f"loading {escape(name)}: {seconds:.0f} s, {come:.1f} MB downloaded")


def _bytes_below(folder: Path) -> int:
    """Of all files below a folder; one that goes meanwhile counts nothing."""
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found += os.lstat(os.path.join(place, name)).st_size
    return found


def sentence(found: Mapping[str, Any]) -> str:
    """One dataset in a few lines."""
    parts = f"{found['rows']} rows"
    if found["test_rows"] is not None:
        parts += f", {found['test_rows']} of them the official test split"
    what = f"{found['classes']} classes" if found["task"] == "classification" else "a regression"
    lines = [f"{found['name']}: {found['title']}: {parts}, {what}"]
    if origin := found["provenance"]:
        lines.append(f"  from {origin['origin']}{', ' + origin['revision'] if origin['revision'] else ''}")
        lines += [f"  {name}  {checksum}" for name, checksum in origin["checksums"].items()]
    return "\n".join([*lines, *(f"  {note}" for note in found["notes"])])
