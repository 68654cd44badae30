"""Options that several commands share, with the same words everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def example(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


folder_option = click.option(
    "--folder", metavar="DIR", help="Where goals are kept. Default: $SEEDBED_FOLDER, or ./seedbed-runs."
)
namespace_option = click.option(
    "--namespace", "-n", metavar="NS", help="In a cluster: the goals of this namespace, by the kubeconfig."
)
name_argument = click.argument("name", required=False)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


unsealed_option = click.option(
    "--allow-unsealed", is_flag=True, default=None,
    help="Let models that are code run even where this machine can't seal them in: they could read labels "
    "and files, and no claim is made of them.",
)  # fmt: skip

PLOT_FORMATS = (".png", ".svg", ".pdf")


def _plot_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in PLOT_FORMATS:
        raise click.BadParameter(f"{value} is no plot's name: it ends in {', '.join(PLOT_FORMATS)}")
    return value


plot_option = click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_plot_file,
    metavar="FILE",
    help="Write a plot too: FILE.png, .svg or .pdf.",
)
CONFIDENCE = click.FloatRange(0.5, 0.999)


def place_options(command: Command) -> Command:
    """Where the goals are: a folder, or a namespace of a cluster."""
    return folder_option(namespace_option(command))


def source_options(command: Command) -> Command:
    """Where data come from: what every command takes that may prepare a dataset."""
    options = (
        click.option("--data", metavar="DIR",
                     help="A folder with data of your own. Default: $SEEDBED_DATA. See `datasets --help`."),
        click.option("--offline", is_flag=True, default=None, help="Download nothing."),
        click.option("--allow-unverified", is_flag=True, default=None,
                     help="Let files in the data folder differ from the published ones; its card says so."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def driving_options(command: Command) -> Command:
    """What every command takes that runs something."""
    options = (
        click.option("--cores", type=click.IntRange(min=1), metavar="N",
                     help="Runs at once, one core each. Default: $SEEDBED_CORES, or all cores."),
        click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]),
                     help="What runs train on. Default: $SEEDBED_DEVICE, or auto (CUDA if there is one)."),
        unsealed_option,
        source_options,
        click.option("--plain", is_flag=True, help="One line an event instead of the live picture."),
        click.option("--no-report", is_flag=True, help="Write no report at the end."),
        folder_option,
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command
