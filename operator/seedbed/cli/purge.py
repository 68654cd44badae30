"""`research-agent purge`: remove a goal, or an Experiment that stands alone, with all that it made."""

import click

from seedbed.cli.options import example, folder_option
from seedbed.errors import InvalidInput


@click.command("purge", epilog=example("research-agent purge digits"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@folder_option
def command(name: str, yes: bool, folder: str | None) -> None:
    """Remove a goal with its experiments, records, weights and reports.

    Prepared datasets stay, and so does what the ledger says of their test splits.
    """
    from seedbed.api import Experiment, ResearchGoal
    from seedbed.cli.documents import open_folder
    from seedbed.cli.find import experiments_of, find
    from seedbed.engine.naming import owner_prefix

    store = open_folder(folder)
    found = find(store, name)
    if isinstance(found, Experiment) and found.spec.goal is not None:
        raise InvalidInput(f"{name} belongs to the goal {found.spec.goal}: purge that one")
    made = [] if isinstance(found, Experiment) else experiments_of(store, found)
    with store.folder.controlling():
        where = store.artifacts.path(owner_prefix(found))
        click.echo(f"{found.kind} {name}, {len(made)} experiments, and everything in {where}")
        if not yes and not click.confirm("Remove them?"):
            click.echo("nothing was removed")
            return
        # The goal goes last: a purge that was cut short can be made again.
        store.artifacts.remove(owner_prefix(found))
        for experiment in made:
            store.delete(Experiment, experiment.metadata.name)
        if isinstance(found, Experiment):
            store.delete(Experiment, name)
        else:
            store.delete(ResearchGoal, name)
    click.echo(f"removed {name}")
