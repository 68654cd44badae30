"""The functions that the runner calls: there, at the top level, and with the parameters that it gives."""

import ast
from collections.abc import Iterator

from seedbed.api.source.finding import Finding
from seedbed_runner.contract.source import FUNCTIONS, REQUIRED


def interface(tree: ast.Module) -> Iterator[Finding]:
    """A finding for each function of the contract that is missing or can't be called."""
    for name, parameters in FUNCTIONS.items():
        due = f"{name}({', '.join(parameters)})"
        found = [node for node in tree.body if _binds(node, name)]
        if found:
            yield from _check(found[-1], parameters, due)
        elif name == REQUIRED:
            yield Finding(1, "Interface", f"there is no function {due}: define it at the top level")


def _binds(node: ast.stmt, name: str) -> bool:
    """Whether a statement of the top level gives that name a value."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.Import | ast.ImportFrom):
        return any((alias.asname or alias.name) == name for alias in node.names)
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _check(node: ast.stmt, parameters: tuple[str, ...], due: str) -> Iterator[Finding]:
    if not isinstance(node, ast.FunctionDef):
        yield Finding(node.lineno, "Interface", f"{due} must be a function that is defined by `def`")
        return
    if not _takes(node.args, parameters):
        given = f"{node.name}({ast.unparse(node.args)[:100]})"
        sentence = f"the function is called as {due}, but this is {given}: further parameters need defaults"
        yield Finding(node.lineno, "Interface", sentence)
    own = list(_own_statements(node))
    if any(isinstance(inside, ast.Yield | ast.YieldFrom) for inside in own):
        yield Finding(node.lineno, "Interface", f"{due} must return its result, not yield it")
    elif not any(isinstance(inside, ast.Return) and inside.value for inside in own):
        yield Finding(node.lineno, "Interface", f"{due} never returns anything: return what it made")


def _takes(arguments: ast.arguments, parameters: tuple[str, ...]) -> bool:
    """Whether a call with just these arguments, by position, is one that the function takes."""
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    needed = len(positional) - len(arguments.defaults)
    leading = tuple(positional[: len(parameters)]) == parameters
    return leading and needed <= len(parameters) and None not in arguments.kw_defaults


def _own_statements(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """All inside a function but what is inside functions and classes within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
