"""`research-agent suspend`, also called `stop`: suspend a goal, wherever it is worked on."""

import click

from seedbed.cli.options import example, name_argument, place_options
from seedbed.errors import InvalidInput


@click.command("suspend", epilog=example("research-agent suspend digits"))
@name_argument
@place_options
def command(name: str | None, folder: str | None, namespace: str | None) -> None:
    """Suspend a goal: its runs are ended within seconds, wherever it is worked on.

    What is recorded is kept; `resume` goes on.
    """
    from seedbed.api import Experiment
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import find
    from seedbed.cli.take_over import change_goal

    documents = open_documents(folder, namespace)
    found = find(documents, name)
    name = found.metadata.name
    if isinstance(found, Experiment):
        raise InvalidInput(
            f"{name} is an Experiment, and only goals can be suspended: "
            "press Ctrl-C where it runs, or delete it"
        )
    if found.status.finished:
        click.echo(f"{name} is {found.status.phase} already: there is nothing to stop")
        return
    change_goal(documents, name, suspend=True)
    worker = documents.worker()
    working = f": {worker} ends its runs now" if worker else ""
    click.echo(f"{name} is suspended{working}; `{documents.line('resume', name)}` goes on")
