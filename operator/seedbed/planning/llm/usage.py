"""What a call cost in tokens, and the most that it can have cost where the server does not say.

A budget is kept only if an unknown cost counts as the largest possible one. A byte-level tokenizer never
makes more tokens of a text than it has bytes, so the bytes of a prompt bound its tokens; a completion is
bounded by the limit that the request named.
"""

import json
from dataclasses import dataclass
from typing import Any

_TEMPLATE_TOKENS = 64  # what a chat template puts around the messages


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `estimated` where they are an upper bound and not the server's own count."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


NOTHING = Usage()


def at_most(arguments: dict[str, Any], max_tokens: int) -> Usage:
    """The most that a request can cost, its schema counted as part of the prompt."""
    prompt = [arguments["messages"], arguments.get("response_format")]
    size = len(json.dumps(prompt, ensure_ascii=False).encode(errors="replace"))
    return Usage(size + _TEMPLATE_TOKENS, max_tokens, estimated=True)


def counted(said: Any, most: Usage) -> Usage:
    """What the server says in `usage`; `most` where it says nothing, or nothing that can be a count."""
    if not isinstance(said, dict):
        return most
    prompt, completion = said.get("prompt_tokens"), said.get("completion_tokens")
    # A bool is an int to isinstance.
    if type(prompt) is not int or type(completion) is not int or min(prompt, completion) < 0:
        return most
    return Usage(prompt, completion)
