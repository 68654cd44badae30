"""`research-agent run`: manifests to verdicts."""

import sys
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import driving_options, example
from seedbed.errors import InvalidInput

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal


@click.command("run", epilog=example("research-agent run examples/digits.yaml"))
@click.argument("manifests", nargs=-1, required=True, metavar="MANIFEST...")
@click.option("--name", help="Another name than the manifest's (one resource only).")
@driving_options
def command(
    manifests: tuple[str, ...], name: str | None, folder: str | None, cores: int | None, device: str | None,
    plain: bool, no_report: bool,
) -> None:  # fmt: skip
    """Run what manifests ask for, live, to the verdict; `-` reads one from standard input.

    A goal that is there already with the same specification goes on where it stopped, or its verdict is
    shown. A manifest may raise its budget, suspend it, or change its approval.
    """
    resources = [each for manifest in manifests for each in _read(manifest)]
    if name is not None:
        resources = [_renamed(resources, name)]

    from seedbed.cli.drive import Manner, drive
    from seedbed.local.settings import read_settings

    settings = read_settings(folder=folder, cores=cores, device=device)
    raise click.exceptions.Exit(drive(settings, resources, Manner(plain, not no_report)))


def _read(manifest: str) -> "list[ResearchGoal | Experiment]":
    from seedbed.api.documents import parse_manifest, read_manifest

    if manifest == "-":
        return parse_manifest(sys.stdin.buffer.read(), "standard input")
    return read_manifest(manifest)


def _renamed(resources: "list[ResearchGoal | Experiment]", name: str) -> "ResearchGoal | Experiment":
    from seedbed.api.explain import KINDS, explain

    if len(resources) > 1:
        raise InvalidInput(f"`--name` is for one resource, but the manifests hold {len(resources)}")
    document = resources[0].document()
    document["metadata"] = {"name": name}
    if problems := explain(document):
        raise InvalidInput(f"`--name`: {problems[0]}")
    return KINDS[document["kind"]].model_validate(document)
