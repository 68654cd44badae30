"""`research-agent datasets show`: one dataset, and where it is looked for."""

import json
from pathlib import Path
from typing import Any

import click

from seedbed.cli.options import example, json_option, source_options


@click.command("show", epilog=example("research-agent datasets show cifar10"))
@click.argument("name")
@source_options
@json_option
def command(name: str, as_json: bool, **sources: Any) -> None:
    """Say what a dataset is, where it is looked for, and how to bring it. Nothing is read or downloaded."""
    from seedbed.cli.sentence import dataset_called
    from seedbed.local.settings import read_settings

    settings = read_settings(**sources)
    found = document(dataset_called(name, typed=""), settings.data, settings.cache, settings.offline)
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for field, value in found.items():
        if value not in (None, "", {}):
            click.echo(f"{field + ':':<14}{value if not isinstance(value, dict) else _pairs(value)}")


def document(name: str, data: Path | None, cache: Path | None, offline: bool) -> dict[str, Any]:
    """All that is known of a dataset without opening it."""
    from seedbed.cli.datasets_list import row_of
    from seedbed_runner.contract.catalogue import CATALOGUE, FORMS
    from seedbed_runner.contract.origins import default_cache

    entry, kept = CATALOGUE.get(name), cache or default_cache()
    meanings = {form.partition(":")[0]: meaning for form, meaning in FORMS.items()}
    own = meanings.get(name.partition(":")[0], "") if ":" in name else ""
    origins = sorted(kept.glob(f"{name.replace(':', '-').replace('/', '-')}-*/origin.json"))
    return {
        **row_of(name, cache),
        "published": entry.source if entry else own,
        "data folder": str(data) if data else "none (name one with --data)",
        "bring": f"{entry.bring}, in the data folder" if entry and entry.bring else "",
        "cache": str(kept),
        "offline": "nothing is downloaded" if offline else "",
        "fetched": _fetched(origins[0]) if origins else {},
    }


def _fetched(path: Path) -> dict[str, str]:
    """From where and when the copy in the cache came."""
    found = json.loads(path.read_bytes())
    return {"from": found["source"], "revision": found["revision"], "at": found["fetched"]}


def _pairs(value: dict[str, str]) -> str:
    return ", ".join(f"{key} {text}" for key, text in value.items())
