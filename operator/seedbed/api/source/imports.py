"""Imports: only modules that a model needs, wherever in the text they are imported."""

import ast
from collections.abc import Iterator

from seedbed.api.source.finding import Finding, quoted
from seedbed_runner.contract.source import MODULES, PACKAGES

_OFFER = ", ".join(sorted(MODULES - {"__future__"})) + ", and below " + ", ".join(PACKAGES)


def imports(tree: ast.Module) -> Iterator[Finding]:
    """A finding for each import of something else."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if not _offered(alias.name):
                    yield _refused(node, alias.name)
        elif isinstance(node, ast.ImportFrom):
            yield from _import_from(node)


def _import_from(node: ast.ImportFrom) -> Iterator[Finding]:
    if node.level or node.module is None:
        yield Finding(node.lineno, "Import", "the source is a single module: there is nothing beside it")
    elif node.names[0].name == "*":
        sentence = (
            f"name what you need of {quoted(node.module)}: after `import *` nothing tells what there is"
        )
        yield Finding(node.lineno, "Import", sentence)
    elif not _offered(node.module):
        for alias in node.names:
            if not _offered(f"{node.module}.{alias.name}"):
                yield _refused(node, f"{node.module}.{alias.name}")


def _offered(module: str) -> bool:
    return module in MODULES or any(f"{module}.".startswith(f"{package}.") for package in PACKAGES)


def _refused(node: ast.stmt, module: str) -> Finding:
    return Finding(node.lineno, "Import", f"{quoted(module)} can't be imported; there are {_OFFER}")
