"""`research-agent report`: a goal's report as Markdown and as one HTML page."""

from pathlib import Path

import click

from seedbed.cli.options import example, folder_option, name_argument


@click.command("report", epilog=example("research-agent report digits --format html --open"))
@name_argument
@click.option(
    "--format", "which", type=click.Choice(["md", "html", "both"]), default="both", show_default=True
)
@click.option(
    "--out", type=click.Path(file_okay=False), metavar="DIR", help="Default: where `run` writes it."
)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@folder_option
def command(name: str | None, which: str, out: str | None, show: bool, folder: str | None) -> None:
    """Write a goal's report: the verdict with its evidence, every experiment, every run."""
    from seedbed.cli.find import find_goal, open_store
    from seedbed.cli.write_report import write_report

    store = open_store(folder)
    formats = ["md", "html"] if which == "both" else [which]
    paths = write_report(store, find_goal(store, name), Path(out) if out else None, formats)
    for path in paths:
        click.echo(path)
    if show:
        click.launch(str(paths[-1]))
