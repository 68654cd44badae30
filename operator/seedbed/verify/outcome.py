"""What became of one verification; a plain value, for the table and for JSON."""

from dataclasses import dataclass, field
from typing import Literal

from seedbed.verify.tolerance import Tolerance
from seedbed_runner.contract.verification import Finding

Verdict = Literal["Identical", "Equivalent", "Different", "CannotRun"]


@dataclass(frozen=True)
class Difference:
    """How two runs' predictions differ: items predicted otherwise, and the largest difference of a logit."""

    items: int
    otherwise: int
    largest_logit: float


@dataclass(frozen=True)
class Outcome:
    """The verdict on one recorded run.

    Attributes:
        findings: what led to it; none for Identical.
        remarks: what else is to be known, in sentences.
        score: as recorded.
        again: as it came out; None when nothing was trained or that failed.
        difference: of the predictions, where the recorded ones were kept.
        tolerance: how far the score might be off; None under an equal fingerprint.
        fingerprint: then and now, of each name in which they differ.
    """

    experiment: str
    seed: int
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    score: float | None = None
    again: float | None = None
    difference: Difference | None = None
    tolerance: Tolerance | None = None
    fingerprint: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The run in words."""
        return f"{self.experiment} seed {self.seed}"
