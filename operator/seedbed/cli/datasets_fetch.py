"""`research-agent datasets fetch`: bring datasets into the cache."""

from typing import Any

import click

from seedbed.cli.options import example, json_option, source_options

target_option = click.option("--target", metavar="COLUMN", help="The column that is predicted, of a table.")


@click.command("fetch", epilog=example("research-agent datasets fetch cifar10 titanic"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@target_option
@source_options
@json_option
def command(names: tuple[str, ...], target: str | None, as_json: bool, **sources: Any) -> None:
    """Download datasets into the cache unless they are there, and check every file.

    A download that was interrupted goes on with the files that were whole. The cache may be shared: of two
    processes that want the same data, one fetches them and the other waits.
    """
    from seedbed.cli.datasets_loading import load_each

    load_each(names, target, sources, as_json)
