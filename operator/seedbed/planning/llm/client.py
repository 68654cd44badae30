"""`call`: one call to a model server, and a reply or a typed failure. `ask` is the same without a loop.

It makes exactly one HTTP request: no retry, no redirect, no probing. Whether and when another call is made
is the caller's decision, visible as an attempt.
"""

import asyncio
import importlib
import time
from typing import TYPE_CHECKING, Any

from seedbed.errors import PlannerFailed
from seedbed.planning.llm.asked import Asked
from seedbed.planning.llm.capability import Capability, Message
from seedbed.planning.llm.provider import NO_KEY, Provider
from seedbed.planning.llm.refusals import refusal
from seedbed.planning.llm.reply import Reply, read
from seedbed.planning.llm.usage import at_most

if TYPE_CHECKING:
    from seedbed.planning.llm.transport import Answer

BEST = Capability()
_TRANSPORT = "seedbed.planning.llm.transport"  # its import takes a second


async def call(
    provider: Provider,
    messages: list[Message],
    schema: dict[str, Any],
    max_tokens: int,
    deadline: float,
    capability: Capability = BEST,
) -> Reply:
    """The model's answer to `messages`.

    Args:
        provider: whom to ask.
        messages: at least one, each with role and content.
        schema: JSON schema of the answer; OpenAI's strict mode wants every property required and no other.
        max_tokens: of the answer, reasoning included.
        deadline: seconds that the call may take.
        capability: what is known of this provider and model.

    Raises:
        ModelFailure: there is no usable answer; see `failures`.
        PlannerFailed: the `openai` package is not installed.
    """
    try:
        transport = await asyncio.to_thread(importlib.import_module, _TRANSPORT)
    except ModuleNotFoundError as error:
        if error.name not in ("openai", "httpx2"):
            raise
        raise PlannerFailed("the LLM planner needs the package openai: pip install 'seedbed[llm]'") from None
    key = provider.read_key()
    arguments = capability.arguments(provider.model, messages, schema, max_tokens)
    secret = "" if (value := key.get_secret_value()) == NO_KEY else value
    asked = Asked(provider.label, provider.model, capability, at_most(arguments, max_tokens), secret)
    started = time.monotonic()
    answer: Answer = await transport.post(provider, key, arguments, deadline, asked)
    latency = time.monotonic() - started
    if answer.status == 200:
        return read(answer.body, asked, latency)
    raise refusal(answer.status, answer.headers, answer.body, asked)


def ask(
    provider: Provider,
    messages: list[Message],
    schema: dict[str, Any],
    max_tokens: int,
    deadline: float,
    capability: Capability = BEST,
) -> Reply:
    """`call`, waited for; for where no event loop runs."""
    return asyncio.run(call(provider, messages, schema, max_tokens, deadline, capability))
