"""One call as it was made: what its answer is read against."""

from dataclasses import dataclass, field

from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.quoting import one_line
from seedbed.planning.llm.usage import Usage

LONGEST_QUOTE = 200  # characters


@dataclass(frozen=True)
class Asked:
    """A call to `model` that made use of `capability` and can have cost `most`.

    `label` is how sentences name the provider; `secret` its key, which a server may repeat.
    """

    label: str
    model: str
    capability: Capability
    most: Usage
    secret: str = field(repr=False)

    def quote(self, words: str | bytes) -> str:
        """The server's words on one short line, without the key."""
        text = words.decode(errors="replace") if isinstance(words, bytes) else words
        return one_line(text.replace(self.secret, "***") if self.secret else text, LONGEST_QUOTE)
