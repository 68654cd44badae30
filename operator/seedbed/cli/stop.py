"""`research-agent stop`: suspend a goal, wherever it is worked on."""

import click

from seedbed.cli.hints import resume_command
from seedbed.cli.options import example, folder_option, name_argument
from seedbed.errors import InvalidInput


@click.command("stop", epilog=example("research-agent stop digits"))
@name_argument
@folder_option
def command(name: str | None, folder: str | None) -> None:
    """Suspend a goal: a process that works on it ends its runs within a second or two.

    What is recorded is kept; `resume` goes on.
    """
    from seedbed.api import Experiment
    from seedbed.cli.find import find, open_store
    from seedbed.cli.take_over import change_goal

    store = open_store(folder)
    found = find(store, name)
    name = found.metadata.name
    if isinstance(found, Experiment):
        raise InvalidInput(
            f"{name} is an Experiment, and only goals can be suspended: press Ctrl-C where it runs"
        )
    if found.status.finished:
        click.echo(f"{name} is {found.status.phase} already: there is nothing to stop")
        return
    change_goal(store, name, suspend=True)
    holder = store.folder.holder()
    working = f": process {holder} ends its runs now" if holder else ""
    click.echo(f"{name} is suspended{working}; `{resume_command(name, store.folder.root)}` goes on")
