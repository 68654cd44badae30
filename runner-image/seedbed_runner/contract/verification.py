"""What the check of a record says: passed from the training side to `research-agent verify`."""

from dataclasses import dataclass, field
from typing import Literal

from seedbed_runner.contract.records import Record

Subject = Literal[
    "record", "predictions", "weights", "request", "data", "code", "failure", "version", "device", "machine"
]  # fmt: skip

CHECK = "check.json"  # in the work folder of a verification
RECORDED = "recorded"  # the folder there with what the store holds of the run


@dataclass(frozen=True)
class Finding(Record):
    """One thing that is not as it was, or not there: what, and a sentence that says where."""

    subject: Subject
    said: str


@dataclass(frozen=True)
class Check(Record):
    """What was found before anything is trained.

    Attributes:
        different: what is not what the record vouches for; nothing is trained then.
        missing: what this machine or the store lacks to train it again.
        remarks: what could not be compared, in sentences.
    """

    different: list[Finding] = field(default_factory=list)
    missing: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
