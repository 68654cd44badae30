"""One HTTP call through the `openai` SDK. Its import takes a second, so `client` imports this module late.

Asynchronous inside, because only cancelling bounds a whole call: a timeout of HTTP clients is one of each
read, and a server that sends a byte a second never meets it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from pydantic import SecretStr

from seedbed.planning.llm.asked import Asked
from seedbed.planning.llm.failures import Disconnected, ModelFailure, Oversized, TimedOut, Unreachable
from seedbed.planning.llm.provider import Provider

LARGEST_BODY = 1 << 20  # bytes; reasoning that comes with an answer may be long
_LONGEST_CONNECT = 10.0  # seconds
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)


@dataclass(frozen=True)
class Answer:
    """What came back; the keys of `headers` don't mind case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _TooLarge(Exception):
    """A body went over LARGEST_BODY; no part of the SDK catches it."""


class _CappedClient(openai.DefaultAsyncHttpxClient):
    """Reads each body itself, errors too, and stops at LARGEST_BODY decoded bytes."""

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        response = await super().send(request, stream=True, **options)
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes(1 << 16):
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise _TooLarge
        finally:
            await response.aclose()
        # These told how to read what is read now.
        done = ("content-encoding", "content-length", "transfer-encoding")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in done]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)


async def post(
    provider: Provider, key: SecretStr, arguments: dict[str, Any], deadline: float, asked: Asked
) -> Answer:
    """The answer to one POST to /chat/completions, whatever its status.

    Args:
        provider: whom to ask.
        key: of the provider.
        arguments: the body of the request.
        deadline: seconds for all of it, from looking up the host's name to the last byte.
        asked: the call.

    Raises:
        ModelFailure: Unreachable, TimedOut, Disconnected or Oversized.
    """
    try:
        return await _post(provider, key, arguments, deadline)
    except TimeoutError:
        failure: ModelFailure = TimedOut(f"{asked.label} gave no answer in {deadline:g} s", usage=asked.most)
    except _TooLarge:
        failure = Oversized(f"{asked.label} answered more than {LARGEST_BODY} bytes", usage=asked.most)
    except openai.APIConnectionError as error:
        cause = error.__cause__
        why = asked.quote(str(cause) or type(cause).__name__)
        if isinstance(cause, _NEVER_SENT):
            failure = Unreachable(f"{asked.label} can't be reached: {why}")
        else:
            failure = Disconnected(f"{asked.label} broke the connection: {why}", usage=asked.most)
    # Outside of the handlers: what they caught holds the request, and with it the key.
    raise failure


async def _post(provider: Provider, key: SecretStr, arguments: dict[str, Any], deadline: float) -> Answer:
    timeout = httpx2.Timeout(None, connect=min(_LONGEST_CONNECT, deadline))
    async with asyncio.timeout(deadline), _CappedClient(timeout=timeout, follow_redirects=False) as http:
        client = openai.AsyncOpenAI(
            base_url=provider.base_url,
            api_key=key.get_secret_value(),
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )
        try:
            raw = await client.chat.completions.with_raw_response.create(**arguments)
            response = raw.http_response
        except openai.APIStatusError as error:
            response = error.response
        return Answer(response.status_code, response.headers, response.content)
