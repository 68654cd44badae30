"""Untrusted text made fit for a record, a status or a terminal."""

MAX_MESSAGE = 500


def printable(text: str) -> str:
    """`text` in one line of at most 500 printable characters."""
    spaced = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * MAX_MESSAGE])
    line = " ".join(spaced.split())
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"
