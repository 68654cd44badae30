"""Names that nothing defines, and formats that don't fit: pyflakes' word, where it means a failed run.

What it says beyond that (an unused import, a variable that is set twice) runs all the same.
"""

import ast
from collections.abc import Iterator

from pyflakes import messages
from pyflakes.checker import Checker

from seedbed.api.source.finding import Finding

_FAILING = (
    messages.UndefinedName,
    messages.UndefinedLocal,
    messages.StringDotFormatInvalidFormat,
    messages.StringDotFormatMissingArgument,
    messages.PercentFormatInvalidFormat,
    messages.PercentFormatMissingArgument,
    messages.PercentFormatPositionalCountMismatch,
)


def undefined(tree: ast.Module) -> Iterator[Finding]:
    """A finding for each of them."""
    try:
        found = Checker(tree).messages
    except (RecursionError, MemoryError, ValueError):  # it reads annotations in quotes as Python too
        yield Finding(1, "Depth", "an annotation in quotes can't be read: write it without quotes")
        return
    for message in found:
        if isinstance(message, _FAILING):
            yield Finding(message.lineno, "Undefined", (message.message % message.message_args)[:200])
