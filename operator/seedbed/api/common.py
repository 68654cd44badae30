"""What both resources are made of: the strict base model, metadata, conditions, quantities, durations."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"
MEMORY_PATTERN = r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$"
NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
OWNER_NAME_PATTERN = r"^[^/]+$"
UID_PATTERN = r"^[A-Za-z0-9-]*$"
MAX_EXPERIMENTS = 200  # explorations of a goal
MAX_SEEDS = 100  # of an experiment
LONGEST = "8760h"  # a year; CEL's duration() fails on very large ones, and with it every later change

Memory = Annotated[str, Field(pattern=MEMORY_PATTERN, max_length=32)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(pattern=NAME_PATTERN, min_length=1, max_length=63)]
InShort = Annotated[
    str | None, Field(max_length=80, description="Mean, interval, n and diverged, for a table's column.")
]

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES |= {f"{letter}i": 2 ** (10 * power) for power, letter in enumerate("KMGT", start=1)}


def seconds(duration: str) -> float:
    """A Go duration (`1h30m`, `90s`) in seconds."""
    parts = re.findall(r"([0-9.]+)(ms|s|m|h)", duration)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _within_a_year(duration: str) -> str:
    if seconds(duration) > seconds(LONGEST):
        raise ValueError(f"{duration} is longer than a year: write at most {LONGEST}")
    return duration


Duration = Annotated[str, Field(pattern=DURATION_PATTERN, max_length=32), AfterValidator(_within_a_year)]


def memory_bytes(quantity: str) -> int:
    """A Kubernetes memory quantity (`2Gi`, `500M`) in bytes."""
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", quantity).groups()  # type: ignore[union-attr]
    return int(float(number) * _BYTES[unit])


class Model(BaseModel):
    """Base of everything in a manifest: camelCase in documents, unknown fields refused, values frozen."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True,
        allow_inf_nan=False,
    )  # fmt: skip

    def document(self) -> dict[str, Any]:
        """JSON values with camelCase keys; fields that are None are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class OwnerReference(Model):
    """The goal that an Experiment belongs to, as Kubernetes writes it.

    People may write one too, of any text to the API server: name and UID become parts of keys in the store.
    """

    api_version: str
    kind: str
    name: Annotated[str, Field(pattern=OWNER_NAME_PATTERN)]
    uid: Annotated[str, Field(pattern=UID_PATTERN)]
    controller: bool = True
    block_owner_deletion: bool = False


class Metadata(Model):
    """The part of Kubernetes' ObjectMeta that Seedbed reads; other fields are kept but not checked."""

    model_config = ConfigDict(extra="ignore")

    name: Name
    namespace: str = "default"
    uid: str = ""
    generation: int = 1
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    owner_references: list[OwnerReference] = Field(default_factory=list)


class Condition(Model):
    """One typed condition, for machines; `reason` is CamelCase, `message` a sentence."""

    type: Annotated[str, Field(max_length=64)]
    status: Literal["True", "False", "Unknown"]
    reason: Annotated[str, Field(max_length=64)]
    message: Annotated[str, Field(max_length=1024)] = ""
    last_transition_time: str
    observed_generation: int | None = None
