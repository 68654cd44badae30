"""The operator's settings: one YAML file, every mistake in it as one sentence with its place.

Read once at the operator's start; a change of the file is a new operator.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from seedbed.api.common import Model, Name
from seedbed.api.schema import Schema, structural_schema
from seedbed.api.words import shown, takes
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.sources import Sources
from seedbed.errors import InvalidInput
from seedbed.planning.llm.provider import Provider, Server
from seedbed.planning.llm.providers import Providers

__all__ = ["Log", "MetricsSettings", "OperatorSettings", "RunProfile", "StoreSettings", "Watch", "load"]


class Watch(Model):
    """The namespaces whose goals are decided here; none at all: every namespace."""

    namespaces: Annotated[list[Name], Field(max_length=200)] = Field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        """Whether the operator works in the whole cluster."""
        return not self.namespaces


class Log(Model):
    """How the operator's log is written."""

    format: Literal["json", "text"] = "json"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class MetricsSettings(Model):
    """Where the operator's metrics are served, under /metrics."""

    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=9090, description="0: nowhere.")


class OperatorSettings(Model):
    """The whole file."""

    profiles: dict[Name, RunProfile] = Field(default_factory=dict)
    stores: dict[Name, StoreSettings] = Field(default_factory=dict)
    providers: dict[Name, Server] = Field(default_factory=dict)
    sources: Sources = Sources()
    watch: Watch = Watch()
    log: Log = Log()
    metrics: MetricsSettings = MetricsSettings()
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default=8, description="Reconciles at once.")
    resync: Annotated[float, Field(gt=0)] = Field(
        default=180.0, description="Seconds until all is read again."
    )
    job_ttl: Annotated[int, Field(ge=0)] = Field(
        default=600, description="Seconds that a Job stays after its result is in status."
    )

    def model_servers(self) -> Providers:
        """The planning LLMs that goals may name."""
        return Providers({name: Provider.named(name, server) for name, server in self.providers.items()})


_NAMED: dict[str | int, type[BaseModel]] = {
    "profiles": RunProfile, "stores": StoreSettings, "providers": Server,
}  # fmt: skip


def load(path: Path) -> OperatorSettings:
    """The settings in a file.

    Raises:
        InvalidInput: it can't be read, or with every mistake in it, a line each.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise InvalidInput(f"{path}: can't be read: {why}") from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict):
        raise InvalidInput(f"{path}: write settings: an object with {', '.join(_known(()))}")
    try:
        return OperatorSettings.model_validate(content, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        lines = [f"{path}: {_sentence(mistake)}" for mistake in error.errors(include_url=False)]
        raise InvalidInput("\n".join(lines)) from None


def _sentence(mistake: ErrorDetails) -> str:
    """One of pydantic's findings in our words."""
    location = mistake["loc"]
    where = ".".join(str(key) for key in location if key != "[key]")
    if mistake["type"] == "extra_forbidden":
        known = _known(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
        return f"{where}: unknown setting; {hint}"
    if location[-1] == "[key]":
        return f"{where}: is no name: write at most 63 lower-case letters, digits and dashes"
    if mistake["type"] == "value_error":
        return f"{where}: {mistake['ctx']['error']}"
    if mistake["type"] == "missing":
        return f"{where}: missing; write {takes(_node(location))}"
    return f"{where}: write {takes(_node(location))}, not {shown(mistake['input'])}"


def _known(location: Sequence[str | int]) -> list[str]:
    return list(_node(location).get("properties", {}))


def _node(location: Sequence[str | int]) -> Schema:
    """The schema of what stands at a place in the file."""
    model: type[BaseModel] = OperatorSettings
    if len(location) > 1 and location[0] in _NAMED:
        model, location = _NAMED[location[0]], location[2:]
    schema: Schema = structural_schema(model, defaults=False)
    for key in location:
        below: Any = schema.get("items") if isinstance(key, int) else schema.get("properties", {}).get(key)
        schema = below or schema.get("additionalProperties") or {}
    return schema
