"""Command lines to copy: what to type next, with the folder in them."""

import shlex
from pathlib import Path


def resume_command(name: str, folder: Path) -> str:
    """The line that goes on with it."""
    return shlex.join(["research-agent", "resume", name, "--folder", str(folder)])


def show_command(name: str, folder: Path) -> str:
    """The line that shows every run of it."""
    return shlex.join(["research-agent", "show", name, "--folder", str(folder)])


def purge_command(name: str, folder: Path) -> str:
    """The line that removes it."""
    return shlex.join(["research-agent", "purge", name, "--folder", str(folder)])
