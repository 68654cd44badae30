"""What the check of a source text says: one mistake, its line, and what would be right."""

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "Size", "Characters", "Syntax", "Depth", "Import", "Interface", "TopLevel", "Forbidden", "Undefined"
]


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake.

    Attributes:
        line: in the text, from 1.
        code: which rule it breaks.
        sentence: what is wrong, and what would be right.
    """

    line: int
    code: Code
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}: {self.sentence}"


def quoted(name: str) -> str:
    """A name of the text, short enough for a sentence."""
    return f"`{name}`" if len(name) <= 60 else f"`{name[:59]}…`"
