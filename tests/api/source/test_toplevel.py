import ast

import pytest

from seedbed.api.source.toplevel import top_level


@pytest.mark.parametrize(
    "text",
    [
        '"""Words."""\nimport torch\nWIDTH: int = 3\nSIZES = [2 * WIDTH, -1]\nACT = torch.relu',
        "import functools\n@functools.lru_cache(maxsize=None)\ndef f(x=tuple()): return g()",
        "@d(frozen=True)\nclass C:\n    'Words.'\n    a: int\n    b: int = field()\n    def f(self): ...",
        "ACTIVATIONS = {'relu': lambda: f()}",
    ],
)
def test_definitions_and_constants(text: str) -> None:
    assert list(top_level(ast.parse(text))) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\nprint(x)", 2, "runs when the source is loaded"),
        ("\nX = torch.zeros(3)", 2, "literals and names"),
        ("X = (\n    1,\n    f(),\n)", 3, "literals and names"),
        ("X = [i for i in (1, 2)]", 1, "literals and names"),
        ("for i in (1, 2): pass", 1, "runs when"),
        ("if __name__ == '__main__':\n    main()", 1, "runs when"),
        ("async def f(): pass", 1, "runs when"),
        ("class C:\n    class D:\n        print(1)", 3, "`__init__`"),
    ],
)
def test_work_at_load_time(text: str, line: int, words: str) -> None:
    (found,) = top_level(ast.parse(text))
    assert (found.code, found.line) == ("TopLevel", line)
    assert words in found.sentence
