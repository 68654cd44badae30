"""`research-agent stop`: another name of `suspend`."""

import copy

from seedbed.cli.options import example
from seedbed.cli.suspend import command as suspend

command = copy.copy(suspend)
command.name = "stop"
command.epilog = example("research-agent stop digits")
