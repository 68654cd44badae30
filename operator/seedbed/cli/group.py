"""The group of commands: each is imported when it is used, and every error becomes one sentence.

`--help` of the group needs the commands' sentences only, so that it answers at once.
"""

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

import click

from seedbed.cli.exits import INTERRUPTED
from seedbed.errors import SeedbedError


class Failure(click.ClickException):
    """An error of ours on its way out: one sentence on stderr, and its exit code."""

    def __init__(self, error: SeedbedError) -> None:
        super().__init__(str(error))
        vars(self)["exit_code"] = error.exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        """Print each line of the message behind the program's name."""
        for line in self.message.splitlines():
            click.echo(f"research-agent: {line}", file=file, err=True)


@contextlib.contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Turn our errors into `Failure`, and an interruption into its exit code."""
    try:
        yield
    except SeedbedError as error:
        raise Failure(error) from error
    except (KeyboardInterrupt, click.Abort):
        click.echo("research-agent: interrupted", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


class LazyGroup(click.Group):
    """A group whose commands stand in modules of their own, each as `command`."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy  # name -> (module, sentence)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        if name not in self.lazy:
            return None
        command: click.Command = importlib.import_module(self.lazy[name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in self.lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what goes wrong becomes a sentence."""
        with errors_as_sentences():
            return super().invoke(ctx)
