"""`research-agent datasets list`: the names that `spec.dataset.name` takes."""

import json
from pathlib import Path
from typing import Any

import click

from seedbed.cli.options import example, json_option


@click.command("list", epilog=example("research-agent datasets list --json"))
@json_option
def command(as_json: bool) -> None:
    """List the datasets by name, and the forms of names for data of your own."""
    from seedbed.cli.listing import as_table
    from seedbed.local.settings import read_settings
    from seedbed_runner.contract.catalogue import FORMS
    from seedbed_runner.contract.datasets import dataset_names

    settings = read_settings()
    rows = [row_of(name, settings.cache) for name in dataset_names()]
    if as_json:
        click.echo(json.dumps({"datasets": rows, "forms": FORMS}, indent=1))
        return
    click.echo(as_table(rows))
    for form, meaning in FORMS.items():
        click.echo(f"{form}: {meaning}")


def row_of(name: str, cache: Path | None) -> dict[str, Any]:
    """One line of the list."""
    from seedbed_runner.contract.catalogue import CATALOGUE

    entry = CATALOGUE.get(name)
    known = {each: getattr(entry, each, None) for each in ("title", "kind", "rows", "classes")}
    return {"name": name, **known, "here": state(name, cache)}


def state(name: str, cache: Path | None) -> str:
    """Whether a dataset is on this machine, in words."""
    from seedbed_runner.contract.catalogue import CATALOGUE
    from seedbed_runner.contract.origins import default_cache

    entry = CATALOGUE.get(name)
    if entry is not None and not entry.megabytes:
        return entry.source
    if list((cache or default_cache()).glob(f"{name.replace('/', '-')}-*/origin.json")):
        return "in the cache"
    return f"to be fetched ({entry.megabytes} MB)" if entry else "to be fetched"
