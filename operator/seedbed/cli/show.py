"""`research-agent show`: everything about a goal or an Experiment, down to each run."""

import json
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import example, folder_option, json_option, name_argument

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal
    from seedbed.local.store import FolderStore


@click.command("show", epilog=example("research-agent show digits", "research-agent show digits-e003"))
@name_argument
@json_option
@folder_option
def command(name: str | None, as_json: bool, folder: str | None) -> None:
    """Show everything about a goal or an Experiment: candidates, confirmations, budget, verdict, each run."""
    from seedbed.api import ResearchGoal
    from seedbed.cli.find import experiments_of, find, open_store

    store = open_store(folder)
    found = find(store, name)
    experiments = experiments_of(store, found) if isinstance(found, ResearchGoal) else []
    if as_json:
        both = {"resource": found.document(), "experiments": [each.document() for each in experiments]}
        click.echo(json.dumps(both, indent=1))
    else:
        _print(store, found, experiments)


def _print(store: "FolderStore", found: "ResearchGoal | Experiment", experiments: "list[Experiment]") -> None:
    from rich.console import Console
    from rich.text import Text

    from seedbed.api import ResearchGoal
    from seedbed.cli import closing
    from seedbed.cli.find import artifacts_of, last_instant
    from seedbed.cli.hints import resume_command
    from seedbed.cli.panels import picture
    from seedbed.cli.scene import scene_of
    from seedbed.cli.single import experiment_picture, runs_table
    from seedbed.engine.naming import owner_prefix
    from seedbed.local.loop import Snapshot

    console, now = Console(highlight=False), last_instant(store, found.metadata.name)
    resume = resume_command(found.metadata.name, store.folder.root)
    if isinstance(found, ResearchGoal):
        scene = scene_of(found, Snapshot(found, experiments, []))
        console.print(picture(scene, now, console.width))
        for experiment in experiments:
            console.print(Text(f"\n{experiment.metadata.name} · {experiment.status.phase}", style="bold"))
            console.print(runs_table(experiment))
        console.print(closing.closing_panel(found, experiments, now, resume))
        if not found.status.finished and not store.folder.holder():
            console.print(Text(f"nobody works on it now: {resume}"), soft_wrap=True)
    else:
        console.print(experiment_picture(found, (), now))
        console.print(runs_table(found))
        console.print(Text("\n".join(closing.experiment_lines(found))))
    console.print(
        Text(f"records, weights and logs: {artifacts_of(store).path(owner_prefix(found))}"), soft_wrap=True
    )
