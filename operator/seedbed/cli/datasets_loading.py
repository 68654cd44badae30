"""Has datasets loaded by the runner, in a process of its own, and says what they are."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from seedbed.api.dataset import Dataset
from seedbed.cli.exits import BAD_INPUT
from seedbed.cli.sentence import dataset_called
from seedbed.errors import InvalidInput, LauncherFailed
from seedbed.local.settings import read_settings
from seedbed.local.sources import preparing_environment


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
    done = subprocess.run(command, capture_output=True, text=True, env=dict(environment))
    if done.returncode == 0:
        described: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return described
    said = done.stderr.strip().splitlines()
    message = said[-1] if said else f"loading {dataset['name']} ended with code {done.returncode}"
    raise InvalidInput(message) if done.returncode == BAD_INPUT else LauncherFailed(message)


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
