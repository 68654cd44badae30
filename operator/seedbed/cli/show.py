"""`research-agent show`: everything about a goal or an Experiment, down to each run."""

import json
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import example, json_option, name_argument, place_options

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal
    from seedbed.cli.documents import Documents


@click.command("show", epilog=example("research-agent show digits", "research-agent show digits-e003"))
@name_argument
@json_option
@place_options
def command(name: str | None, as_json: bool, folder: str | None, namespace: str | None) -> None:
    """Show everything about a goal or an Experiment: candidates, confirmations, budget, verdict, each run."""
    from seedbed.api import ResearchGoal
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import experiments_of, find

    documents = open_documents(folder, namespace)
    found = find(documents, name)
    experiments = experiments_of(documents, found) if isinstance(found, ResearchGoal) else []
    if as_json:
        both = {"resource": found.document(), "experiments": [each.document() for each in experiments]}
        click.echo(json.dumps(both, indent=1))
    else:
        _print(documents, found, experiments)


def _print(
    documents: "Documents", found: "ResearchGoal | Experiment", experiments: "list[Experiment]"
) -> None:
    from rich.console import Console
    from rich.text import Text

    from seedbed.api import ResearchGoal
    from seedbed.cli import closing
    from seedbed.cli.panels import picture
    from seedbed.cli.scene import scene_of
    from seedbed.cli.single import experiment_picture, runs_table
    from seedbed.local.loop import Snapshot

    name = found.metadata.name
    console, now = Console(highlight=False), documents.last_instant(name)
    resume = documents.line("resume", name)
    if isinstance(found, ResearchGoal):
        scene = scene_of(found, Snapshot(found, experiments, []))
        console.print(picture(scene, now, console.width))
        for experiment in experiments:
            console.print(Text(f"\n{experiment.metadata.name} · {experiment.status.phase}", style="bold"))
            console.print(runs_table(experiment))
        console.print(closing.closing_panel(found, experiments, now, resume))
        if not found.status.finished and (idle := documents.idle(found)):
            console.print(Text(idle), soft_wrap=True)
    else:
        console.print(experiment_picture(found, (), now))
        console.print(runs_table(found))
        console.print(Text("\n".join(closing.experiment_lines(found))))
    console.print(Text(f"records, weights and logs: {documents.kept(found)}"), soft_wrap=True)
