"""Text that people, data, models and programs wrote, made fit to stand in a prompt and in a resource.

A prompt quotes such text between double quotes on one line, and its first message says that nothing between
them is an instruction. So the text must not be able to end its quotation, to begin a line or a code fence, to
close a table's cell, or to spell a control token of a chat template (`<|im_end|>`, `</s>`).
"""

import json
from typing import Any

_LOOKALIKES = str.maketrans({'"': "'", "`": "'", "|": "¦", "<": "‹", ">": "›", "~": "∼"})
_ESCAPES = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "`|<>~"})


def one_line(text: str, longest: int) -> str:
    """`text` on one line of at most `longest` printable characters.

    Unicode counts controls, direction marks, zero-width characters, surrogates and private use as not
    printable.
    """
    spaced = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * longest])
    line = " ".join(spaced.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def quoted(text: str, longest: int) -> str:
    """`text` as one quotation, at most `longest` bytes of UTF-8 between its quotes."""
    line = one_line(text, longest).translate(_LOOKALIKES)
    if len(line.encode()) > longest:
        line = line.encode()[: longest - len("…".encode())].decode(errors="ignore") + "…"
    return f'"{line}"'


def quoted_json(value: Any, longest: int) -> str:
    """A JSON value on one line that reads back as the same value, unless it had to be cut.

    Nothing is replaced, only escaped: code must stay what it is.
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":")).translate(_ESCAPES)
    return text if len(text) <= longest else text[:longest] + " … (cut)"
