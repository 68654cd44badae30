"""What is found on a nominated candidate before its confirmation is paid for: typed, with its numbers."""

from typing import Annotated, Literal

from pydantic import Field

from seedbed.api.common import Count, Model, Name, Seconds

FindingType = Literal[
    "Leak", "AboveChance", "ControlFailed", "ControlMissing", "Impossible", "Unsound", "Duplicates",
    "Unsealed", "Redrawable",
]  # fmt: skip
CONTROL_RUNS = 2  # an antithetic pair: see `seedbed_runner.control`


class IntegritySpec(Model):
    """What is checked of a nominated candidate besides its records."""

    control: bool = Field(
        default=True,
        description="Before a confirmation, train on permuted labels: the score must be at chance.",
    )


class Finding(Model):
    """One thing found; `Blocks` keeps the candidate from a claim, `Shown` is for the reader to judge."""

    type: FindingType
    severity: Literal["Blocks", "Shown"]
    message: Annotated[str, Field(max_length=240)]
    numbers: Annotated[dict[str, float], Field(max_length=6)] = Field(default_factory=dict)


class Integrity(Model):
    """One nominated candidate's integrity verdict, and what its control runs scored and spent."""

    index: Annotated[int, Field(ge=1, le=200)]
    control: Name | None = Field(default=None, description="The control's Experiment; none if it is off.")
    scores: Annotated[list[float], Field(max_length=CONTROL_RUNS)] = Field(
        default_factory=list, description="On permuted train labels, on the validation split."
    )
    findings: Annotated[list[Finding], Field(max_length=5)] = Field(default_factory=list)
    runs: Count = 0
    seconds: Seconds = 0.0
    gpu_seconds: Seconds = 0.0

    @property
    def blocking(self) -> Finding | None:
        """The first finding that keeps this candidate from a claim."""
        return next((each for each in self.findings if each.severity == "Blocks"), None)

    @property
    def missing(self) -> bool:
        """Whether the verdict is open because a control run could not be made."""
        return any(each.type == "ControlMissing" for each in self.findings)

    @property
    def unsealed(self) -> bool:
        """Whether it is blocked because its code could have the labels: it ran unsealed, or can draw them."""
        return any(each.type in ("Unsealed", "Redrawable") for each in self.findings)
