"""Command lines to copy: what to type next, with the place in them."""

import shlex
from pathlib import Path


def command_line(command: str, name: str, *where: str) -> str:
    """`research-agent <command> <name>` with the options that say where."""
    return shlex.join(["research-agent", command, name, *where])


def resume_command(name: str, folder: Path) -> str:
    """The line that goes on with it."""
    return command_line("resume", name, "--folder", str(folder))


def show_command(name: str, folder: Path) -> str:
    """The line that shows every run of it."""
    return command_line("show", name, "--folder", str(folder))


def purge_command(name: str, folder: Path) -> str:
    """The line that removes it."""
    return command_line("purge", name, "--folder", str(folder))
