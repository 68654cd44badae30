"""`research-agent approve`: let proposals of a goal with `approval: Manual` run."""

from typing import TYPE_CHECKING

import click

from seedbed.cli.options import example, place_options
from seedbed.errors import Conflict, NotFound

if TYPE_CHECKING:
    from seedbed.cli.documents import Documents


@click.command("approve", epilog=example("research-agent approve digits 3 4"))
@click.argument("name")
@click.argument("indexes", nargs=-1, type=click.IntRange(1, 200), metavar="[INDEX]...")
@place_options
def command(name: str, indexes: tuple[int, ...], folder: str | None, namespace: str | None) -> None:
    """Approve proposals of a goal with `approval: Manual`; without an index all that wait."""
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import experiments_of, find_goal

    documents = open_documents(folder, namespace)
    goal = find_goal(documents, name)
    made = experiments_of(documents, goal)
    explored = {each.spec.index: each for each in made if each.spec.purpose == "Explore"}
    for index in indexes:
        if index not in explored:
            known = ", ".join(str(each) for each in explored if each) or "none yet"
            raise NotFound(f"{name} has no experiment {index}; there are: {known}")
    waiting = [
        e for index, e in explored.items() if not e.spec.approved and (not indexes or index in indexes)
    ]
    for experiment in waiting:
        _approve(documents, experiment.metadata.name)
        click.echo(
            f"{experiment.metadata.name} is approved: {experiment.spec.change or experiment.spec.hypothesis}"
        )
    if not waiting:
        click.echo(f"{name}: no experiment waits for approval")


def _approve(documents: "Documents", name: str) -> None:
    """Set the flag, whoever else writes the status meanwhile."""
    from seedbed.api import Experiment

    while (experiment := documents.read(Experiment, name)) is not None:
        try:
            documents.patch_spec(experiment, approved=True)
            return
        except Conflict:
            continue
