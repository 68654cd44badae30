"""From text to a tree: size, characters, syntax and depth, checked so that no text can hurt the reader."""

import ast
import warnings

from seedbed.api.source.finding import Finding
from seedbed_runner.contract.source import FILE, MAX_BYTES

MAX_DEPTH = 100  # every rule walks the tree by recursion
_TOO_DEEP = "this is nested too deeply: give parts of it names of their own"


def parse(text: str) -> ast.Module | Finding:
    """The tree of a text that Python can compile, or why there is none."""
    if finding := _unfit(text):
        return finding
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an invalid escape, say: it runs all the same
            tree = ast.parse(text, FILE)
            if (line := _too_deep(tree)) is not None:
                return Finding(line, "Depth", _TOO_DEEP)
            compile(tree, FILE, "exec", dont_inherit=True)  # `return` outside a function is no mistake before
    except SyntaxError as error:
        return Finding(error.lineno or 1, "Syntax", f"Python can't read this: {error.msg}")
    except (RecursionError, MemoryError):  # the parser's own limits
        return Finding(1, "Depth", _TOO_DEEP)
    return tree


def _unfit(text: str) -> Finding | None:
    if not text.strip():
        return Finding(1, "Size", "the source is empty: give a Python module")
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        return Finding(1, "Size", f"the source is too long: at most {MAX_BYTES} bytes are taken")
    for number, line in enumerate(text.split("\n"), start=1):
        for letter in line:
            if (
                (letter < " " and letter not in "\t\r\f")
                or letter == "\x7f"
                or "\ud800" <= letter <= "\udfff"
            ):
                sentence = f"the character U+{ord(letter):04X} has no place in source text: leave it out"
                return Finding(number, "Characters", sentence)
    return None


def _too_deep(tree: ast.Module) -> int | None:
    """The line at which the tree is deeper than allowed; itself no recursion."""
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while waiting:
        node, depth, line = waiting.pop()
        line = getattr(node, "lineno", line)
        if depth > MAX_DEPTH:
            return line
        waiting += [(child, depth + 1, line) for child in ast.iter_child_nodes(node)]
    return None
