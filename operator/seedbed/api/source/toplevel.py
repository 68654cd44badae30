"""What runs when the text is loaded: imports, definitions and constants; all else belongs into a function.

Work at load time would be done before the run's seed, its limits and its failures have a meaning.
"""

import ast
from collections.abc import Iterator

from seedbed.api.source.finding import Finding

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Pass)
_CONSTANTS = (ast.Assign, ast.AnnAssign)
_WORK = (
    ast.Call, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Await, ast.Yield, ast.YieldFrom
)  # fmt: skip


def top_level(tree: ast.Module) -> Iterator[Finding]:
    """A finding for each statement that does more than define."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _class(node)
        elif isinstance(node, _CONSTANTS):
            if node.value is not None and (work := _work(node.value)):
                sentence = "a constant is made of literals and names: call functions inside `build_model`"
                yield Finding(work.lineno, "TopLevel", sentence)
        elif not isinstance(node, _DEFINITIONS) and not _text(node):
            sentence = (
                "this runs when the source is loaded: only imports, functions, classes and constants may"
            )
            yield Finding(node.lineno, "TopLevel", sentence)


def _class(node: ast.ClassDef) -> Iterator[Finding]:
    """A class holds definitions and fields; a field's value may be a call, like a dataclass's `field(…)`."""
    for inside in node.body:
        if isinstance(inside, ast.ClassDef):
            yield from _class(inside)
        elif not isinstance(inside, _DEFINITIONS + _CONSTANTS) and not _text(inside):
            sentence = "a class holds methods and constants: put this into `__init__`"
            yield Finding(inside.lineno, "TopLevel", sentence)


def _work(value: ast.expr) -> ast.expr | None:
    """The first part of a value that is computed when it is loaded; what a lambda does is not."""
    if isinstance(value, _WORK):
        return value
    if isinstance(value, ast.Lambda):
        return None
    parts = (_work(child) for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr))
    return next(filter(None, parts), None)


def _text(node: ast.stmt) -> bool:
    """A docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
