"""A model server as its owner describes it: where it is, which model, and where its key lies.

The key itself is read at each call, so that a rotated one is used at once, and leaves this module only as a
`SecretStr`: no message, log or repr shows it.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from seedbed.api.common import Model, Name
from seedbed.planning.llm.failures import BadKey

NO_KEY = "none"  # the SDK insists on one, and would otherwise send OPENAI_API_KEY to whatever server this is

ModelName = Annotated[str, Field(min_length=1, max_length=200)]


def _plain_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well or parts.username is not None or parts.query or parts.fragment:
        # The URL is not repeated: it may hold a password.
        raise ValueError("write an address like https://host:8000/v1: no user name, password, ? or #")
    return url.rstrip("/")


def _path(text: Any) -> Any:
    return Path(text).expanduser() if isinstance(text, str) and text else text


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        # Not repeated: people put the key itself here.
        raise ValueError("write the name of an environment variable, such as OPENAI_API_KEY, not a key")
    return name


class Server(Model):
    """An OpenAI-compatible server as its owner writes it down; no `key…` where it needs none."""

    base_url: Annotated[str, Field(max_length=500), AfterValidator(_plain_url)]
    model: ModelName
    models: Annotated[list[ModelName], Field(max_length=100)] = Field(
        default_factory=list, description="Further models that a goal may name."
    )
    key_env: Annotated[str, AfterValidator(_variable)] | None = Field(
        default=None, description="The environment variable that holds the key."
    )
    key_file: Annotated[Path, BeforeValidator(_path)] | None = Field(
        default=None, description="The file that holds the key."
    )

    @model_validator(mode="after")
    def _one_key(self) -> "Server":
        if sum(getattr(self, name, None) is not None for name in ("key_env", "key_file", "key")) > 1:
            raise ValueError("give at most one of keyEnv, keyFile and key")
        return self

    @property
    def offered(self) -> list[str]:
        """The models that a goal may name; the first is the one that is asked unless it names another."""
        return [self.model, *(each for each in self.models if each != self.model)]


class Provider(Server):
    """One server under the name that goals know it by; `model` is the one to ask."""

    name: Name = "default"
    key: SecretStr | None = Field(default=None, exclude=True, description="The key itself, from a flag.")

    @classmethod
    def named(cls, name: Name, server: Server) -> "Provider":
        """A server that its owner wrote down under `name`."""
        return cls(name=name, **dict(server))

    @property
    def label(self) -> str:
        """How sentences name it."""
        return f"provider {self.name} ({self.model} at {urlsplit(self.base_url).netloc})"

    def read_key(self) -> SecretStr:
        """The key as it is now, or a placeholder where the server needs none.

        Raises:
            BadKey: it is not where it should be, or is nothing that a header can carry.
        """
        source, found = self._look_up()
        key = found.strip()
        if not key or not (key.isascii() and key.isprintable()) or " " in key:
            fault = "is empty or not set" if not key else "holds something that can't be a key"
            raise BadKey(f"{self.label}: {source} {fault}")
        return SecretStr(key)

    def _look_up(self) -> tuple[str, str]:
        if self.key_env is not None:
            return f"the environment variable {self.key_env}", os.environ.get(self.key_env, "")
        if self.key_file is not None:
            try:
                return f"the file {self.key_file}", self.key_file.read_text()
            except (OSError, UnicodeDecodeError) as error:
                raise BadKey(f"{self.label}: can't read its key in {self.key_file}: {error}") from None
        return "its key", NO_KEY if self.key is None else self.key.get_secret_value()
