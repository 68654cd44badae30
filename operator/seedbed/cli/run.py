"""`research-agent run`: manifests to verdicts."""

import click

from seedbed.cli.options import driving_options, example


@click.command("run", epilog=example("research-agent run examples/digits.yaml"))
@click.argument("manifests", nargs=-1, required=True, metavar="MANIFEST...")
@click.option("--name", help="Another name than the manifest's (one resource only).")
@driving_options
def command(
    manifests: tuple[str, ...], name: str | None, folder: str | None, cores: int | None, device: str | None,
    allow_unsealed: bool | None, plain: bool, no_report: bool,
) -> None:  # fmt: skip
    """Run what manifests ask for, live, to the verdict; `-` reads one from standard input.

    A goal that is there already with the same specification goes on where it stopped, or its verdict is
    shown. A manifest may raise its budget, suspend it, or change its approval.
    """
    from seedbed.cli.manifests import read, renamed

    resources = [each for manifest in manifests for each in read(manifest)]
    if name is not None:
        resources = [renamed(resources, name)]

    from seedbed.cli.drive import Manner, drive
    from seedbed.local.settings import read_settings

    settings = read_settings(folder=folder, cores=cores, device=device, allow_unsealed=allow_unsealed)
    raise click.exceptions.Exit(drive(settings, resources, Manner(plain, not no_report)))
