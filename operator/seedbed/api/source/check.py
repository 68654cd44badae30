"""`check`: every rule for a source text, in the order in which one makes the next one possible."""

import ast

from seedbed.api.source.finding import Finding
from seedbed.api.source.forbidden import forbidden
from seedbed.api.source.imports import imports
from seedbed.api.source.interface import interface
from seedbed.api.source.syntax import parse
from seedbed.api.source.toplevel import top_level
from seedbed.api.source.undefined import undefined

MAX_FINDINGS = 20


def check(text: str) -> list[Finding]:
    """What is wrong with a model's source text by `seedbed_runner.contract.source`; empty if nothing is.

    Args:
        text: of one Python module; it is read and never run.

    Returns:
        At most 20 findings by line. A text that can't be read as Python has just the one that says so.
    """
    tree = parse(text)
    if not isinstance(tree, ast.Module):
        return [tree]
    rules = (imports, interface, top_level, forbidden, undefined)
    return sorted({finding for rule in rules for finding in rule(tree)})[:MAX_FINDINGS]
