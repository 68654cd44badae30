"""`research-agent report`: a goal's report as Markdown and as one HTML page."""

from pathlib import Path

import click

from seedbed.cli.options import example, name_argument, place_options


@click.command("report", epilog=example("research-agent report digits --format html --open"))
@name_argument
@click.option(
    "--format", "which", type=click.Choice(["md", "html", "both"]), default="both", show_default=True
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Default: where `run` writes it; in a cluster ./NAME-report.",
)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@place_options
def command(
    name: str | None, which: str, out: str | None, show: bool, folder: str | None, namespace: str | None
) -> None:
    """Write a goal's report: the verdict with its evidence, every experiment, every run.

    In a cluster the records of runs are in the store: name it by SEEDBED_S3_BUCKET (and SEEDBED_S3_ENDPOINT,
    SEEDBED_S3_PREFIX, SEEDBED_S3_REGION), with credentials of your own where AWS clients look for them.
    """
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import find_goal
    from seedbed.cli.write_report import write_report

    documents = open_documents(folder, namespace)
    formats = ["md", "html"] if which == "both" else [which]
    paths = write_report(documents, find_goal(documents, name), Path(out) if out else None, formats)
    for path in paths:
        click.echo(path)
    if limits := documents.limits():
        click.echo(limits)
    if show:
        click.launch(str(paths[-1]))
