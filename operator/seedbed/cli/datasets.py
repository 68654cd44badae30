"""`research-agent datasets`: which there are, what they are, and whether they are here."""

import click

from seedbed.cli.group import LazyGroup
from seedbed.cli.options import example

COMMANDS = {
    "list": ("seedbed.cli.datasets_list", "List the datasets, and which are on this machine."),
    "show": ("seedbed.cli.datasets_show", "Say what a dataset is, and where it is looked for."),
    "fetch": ("seedbed.cli.datasets_fetch", "Download datasets into the cache, and check them."),
    "check": ("seedbed.cli.datasets_check", "Check the datasets that are here, without a network."),
}

EXAMPLES = example(
    "research-agent datasets list",
    "research-agent datasets fetch cifar10 titanic",
    "research-agent datasets check table:houses --data ~/data --target price",
)
PLACES = """\b
Where a dataset is looked for, in this order:
  1. the data folder (--data, $SEEDBED_DATA, `data:` in the config file), for what you bring yourself:
     published archives, folders of images (images:NAME), tables (table:NAME)
  2. the cache ($SEEDBED_CACHE, `cache:`; ~/.cache/seedbed/data)
  3. where it is published, or a mirror ($SEEDBED_OPENML_URL, $SEEDBED_CIFAR_URL, $SEEDBED_MNIST_URL,
     $SEEDBED_FASHION_MNIST_URL, $SEEDBED_SVHN_URL); never with --offline ($SEEDBED_OFFLINE)
What is found first is used or refused, and nothing ever stands in for it. In a cluster the first place is
<store prefix>/<namespace>/data/ in the store."""


@click.group("datasets", cls=LazyGroup, lazy=COMMANDS, epilog=f"{PLACES}\n\n{EXAMPLES}")
def command() -> None:
    """List, describe, fetch and check datasets.

    Each is compared with its published checksums before it is used. Once fetched it needs no network: a
    folder of the cache may be copied into the data folder of a machine without one.
    """
