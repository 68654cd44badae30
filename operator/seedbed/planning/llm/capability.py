"""What a server can do, learned from what it refuses, and the request that makes use of it.

There is no probing: each visible attempt makes one call, so a server that refuses `json_schema` costs one
attempt, once. `Unsupported` carries the next `Capability` to try; the caller stores it by provider and model.

How the refusal looks differs, but all name what they don't know:

- OpenAI, 400: `Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model`;
  `Invalid schema for response_format`; `Unsupported parameter: 'max_tokens' … Use 'max_completion_tokens'`.
- vLLM, 400: `The provided JSON schema contains features not supported by xgrammar`, or pydantic's literal
  error at `('body', 'response_format', 'type')`.
- llama.cpp, 400: `JSON schema conversion failed`, `Failed to initialize samplers: failed to parse grammar`;
  old versions and forks, with status 500: `response_format type must be one of "text" or "json_object"`.
- LiteLLM, 400: `UnsupportedParamsError: … does not support parameters: ['response_format']`.

A 500 without such words is a broken server and no proof. Some (Ollama, llama.cpp at times) accept a schema
and ignore it, so an answer must be validated whatever the format was.
"""

import json
import re
from typing import Any, Literal

from seedbed.api.common import Model

Format = Literal["JsonSchema", "JsonObject", "Text"]
Limit = Literal["max_tokens", "max_completion_tokens"]
Message = dict[str, str]

_LESSER: dict[Format, Format] = {"JsonSchema": "JsonObject", "JsonObject": "Text"}
_NAMES_FORMAT = re.compile(
    r"response_?format|json[ _]?schema|json_object|grammar|guided|structured.?output", re.I
)
_PROVES_FORMAT = re.compile(
    r"response_?format.{0,200}(must be|should be|support|literal_error)|"
    r"(support|expected).{0,200}response_?format",
    re.I | re.S,
)


class Capability(Model):
    """How a provider's model is to be asked. The default is what a server that can do everything gets.

    `limit` is the name under which it takes the token limit: OpenAI's reasoning models refuse the old one,
    many other servers ignore the new one.
    """

    format: Format = "JsonSchema"
    limit: Limit = "max_tokens"

    def arguments(
        self, model: str, messages: list[Message], schema: dict[str, Any], max_tokens: int
    ) -> dict[str, Any]:
        """The body of the request. Where the server can't be given the schema, the last message holds it."""
        arguments: dict[str, Any] = {"model": model, "messages": messages, self.limit: max_tokens}
        if self.format == "JsonSchema":
            name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title", "answer")))[:64]
            format = {"name": name, "strict": True, "schema": schema}
            return arguments | {"response_format": {"type": "json_schema", "json_schema": format}}
        arguments["messages"] = [*messages[:-1], _with_schema(messages[-1], schema)]
        return arguments | (
            {"response_format": {"type": "json_object"}} if self.format == "JsonObject" else {}
        )

    def lesser(self, status: int, words: str) -> "Capability | None":
        """What to ask for instead, if `words`, said with this HTTP status, refuse something of this."""
        if self.limit == "max_tokens" and status == 400 and "max_completion_tokens" in words:
            return self.model_copy(update={"limit": "max_completion_tokens"})
        pattern = _PROVES_FORMAT if status >= 500 else _NAMES_FORMAT
        if self.format in _LESSER and pattern.search(words):
            return self.model_copy(update={"format": _LESSER[self.format]})
        return None


def _with_schema(message: Message, schema: dict[str, Any]) -> Message:
    # OpenAI refuses json_object unless a message holds the word JSON.
    text = (
        f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{json.dumps(schema)}"
    )
    return message | {"content": f"{message['content']}\n\n{text}"}
