"""`research-agent validate`: every mistake in manifests, each with its path."""

import click

from seedbed.cli.exits import BAD_INPUT
from seedbed.cli.options import example
from seedbed.errors import InvalidManifest


@click.command("validate", epilog=example("research-agent validate goal.yaml"))
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def command(files: tuple[str, ...]) -> None:
    """Explain every mistake in manifests; exit code 2 if there is one."""
    from seedbed.api.documents import read_manifest

    wrong = False
    for file in files:
        try:
            for resource in read_manifest(file):
                click.echo(f"{file}: ok: {resource.kind} {resource.metadata.name}")
        except InvalidManifest as error:
            wrong = True
            click.echo(str(error), err=True)
    if wrong:
        raise click.exceptions.Exit(BAD_INPUT)
