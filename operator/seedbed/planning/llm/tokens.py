"""How many tokens a text can cost, without the tokenizer of a model that is not known here.

Tokenizers cut text into pieces of whole bytes, so the number of bytes is a bound for all of them, but three
to four times too large for words. `at_most` counts every byte by itself but letters: a run of them counts one
token for each three, and the space before it none (vocabularies hold words with the space before them).
Digits count one by one, as Llama's and Gemma's tokenizers cut them. Random letters can cost more than that:
what a call really cost is settled from the server's own count.
"""

import re
from collections.abc import Iterable, Mapping

MESSAGE = 8  # role and delimiters of a message in a chat template

_PIECE = re.compile(rb"[A-Za-z]{1,3}| (?![A-Za-z])|[^A-Za-z ]")


def at_most(text: str) -> int:
    """Tokens of a text."""
    return len(_PIECE.findall(text.encode()))


def of_messages(messages: Iterable[Mapping[str, str]]) -> int:
    """Tokens of a chat."""
    return sum(MESSAGE + at_most(message["content"]) for message in messages)
