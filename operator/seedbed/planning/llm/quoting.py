"""Another program's words in a sentence of ours: one short printable line."""

LONGEST_QUOTE = 200  # characters


def quoted(words: str | bytes, secret: str = "") -> str:
    """The words on one line, without control characters or `secret`, cut where they are long."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    if secret:
        text = text.replace(secret, "***")
    # Cut first to what can matter: the words may be a megabyte.
    letters = " ".join(text[: 20 * LONGEST_QUOTE].split())
    line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in letters)
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
