"""`research-agent datasets check`: are these datasets here, and are they what was published?"""

from typing import Any

import click

from seedbed.cli.datasets_fetch import target_option
from seedbed.cli.options import example, json_option, source_options


@click.command("check", epilog=example("research-agent datasets check images:pets --data ~/data"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@target_option
@source_options
@json_option
def command(names: tuple[str, ...], target: str | None, as_json: bool, **sources: Any) -> None:
    """Load datasets as an experiment would, without a network, and compare their checksums.

    It ends with code 2 at the first one that is not here or is not what it should be, and says why.
    """
    from seedbed.cli.datasets_loading import load_each

    load_each(names, target, sources | {"offline": True}, as_json)
