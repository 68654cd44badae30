"""Names that can't be meant well in a model, or that would take from the runner what it decides.

A list of likely mistakes, each with a sentence; what is not on it is not thereby allowed to do anything.
"""

import ast
from collections.abc import Iterator

from seedbed.api.source.finding import Finding, quoted

_NO_FILES = "a model reads and writes no files"
_NO_TRICKS = "a model needs no access to Python's own workings"
_NO_CODE = "code is not made at run time"
_SEEDED = "the runner seeds each run, so that its seeds differ: leave it out"
_SETTINGS = "the runner sets this for each run: leave it out"
_DEVICE = "the runner chooses the device: make tensors on the device of the input"
_NO_WEIGHTS = "nothing can be downloaded: build the model from random weights"

# As bare names; a parameter or variable of that name is something else.
_NAMES = {
    **dict.fromkeys(("open", "input"), _NO_FILES),
    **dict.fromkeys(("eval", "exec", "compile", "__import__", "breakpoint"), _NO_CODE),
    **dict.fromkeys(("globals", "vars", "__builtins__", "__loader__", "__spec__"), _NO_TRICKS),
    **dict.fromkeys(("exit", "quit"), "a model does not end the run: raise an exception"),
}
# As attributes of anything, and as names that are imported.
_ATTRIBUTES = {
    **dict.fromkeys(
        ("os", "sys", "subprocess", "socket", "ctypes", "shutil", "importlib", "builtins", "multiprocessing",
         "__globals__", "__builtins__", "__subclasses__", "__bases__", "__base__", "__mro__", "__code__",
         "__closure__", "__import__", "__loader__", "__spec__", "__getattribute__", "__reduce__",
         "__reduce_ex__", "f_globals", "f_back", "gi_frame", "tb_frame"), _NO_TRICKS,
    ),
    **dict.fromkeys(("manual_seed", "manual_seed_all", "set_rng_state", "fork_rng"), _SEEDED),
    **dict.fromkeys(
        ("set_num_threads", "set_num_interop_threads", "use_deterministic_algorithms",
         "set_deterministic_debug_mode", "set_default_dtype", "set_default_device",
         "set_float32_matmul_precision"), _SETTINGS,
    ),
    "cuda": _DEVICE,
    **dict.fromkeys(("hub", "IMAGENET1K_V1", "IMAGENET1K_V2"), _NO_WEIGHTS),
}  # fmt: skip
# As attributes of `torch`, and imported from it.
_OF_TORCH = {
    **dict.fromkeys(("load", "save", "from_file"), _NO_FILES),
    **dict.fromkeys(("seed", "Generator"), _SEEDED),
    "compile": "there is no compiler where a model runs: leave it out",
}
# As arguments by name, unless they are None or False.
_ARGUMENTS = {"pretrained": _NO_WEIGHTS, "weights": _NO_WEIGHTS}
_BY_STRING = frozenset({"getattr", "setattr", "delattr", "hasattr"})


def forbidden(tree: ast.Module) -> Iterator[Finding]:
    """A finding for each use of such a name."""
    bound = frozenset(_bound(tree))
    for node in ast.walk(tree):
        for name, reason in _used(node, bound):
            yield Finding(getattr(node, "lineno", 1), "Forbidden", f"{quoted(name)} is refused: {reason}")


def _used(node: ast.AST, bound: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The refused names that a node uses itself, each with the reason."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES and name not in bound:
            yield name, _NAMES[name]
        case ast.Attribute(value=ast.Name(id="torch"), attr=name) if name in _OF_TORCH:
            yield f"torch.{name}", _OF_TORCH[name]
        case ast.Attribute(attr=name) if name in _ATTRIBUTES:
            yield name, _ATTRIBUTES[name]
        case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(name)), *_]):
            if function in _BY_STRING and name in _ATTRIBUTES:
                yield name, _ATTRIBUTES[name]
        case ast.keyword(
            arg=str(name), value=ast.Constant(value=str() | True) | ast.Attribute(attr="DEFAULT")
        ):
            if name in _ARGUMENTS:
                yield f"{name}=", _ARGUMENTS[name]
        case ast.ImportFrom(module=module, names=names):
            known = _ATTRIBUTES | (_OF_TORCH if module == "torch" else {})
            yield from ((alias.name, known[alias.name]) for alias in names if alias.name in known)


def _bound(tree: ast.Module) -> Iterator[str]:
    """Names to which the text itself gives a meaning somewhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
