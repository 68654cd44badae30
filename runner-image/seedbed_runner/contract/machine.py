"""What a machine can do for runs: told by the training side to `research-agent doctor` and the launcher."""

from dataclasses import dataclass, field
from typing import Literal

from seedbed_runner.contract.records import Record


@dataclass(frozen=True)
class Machine(Record):
    """What a run would get on a machine.

    Attributes:
        seal: all of the seal, part of it, or nothing.
        lacking: a sentence for each part that is lacking, by its name (`landlock`, `seccomp`, …).
        landlock: the kernel's version of it; 0: none.
        torch: its version; empty: it can't be imported.
        trouble: why it can't be imported; empty: it can.
        devices: names of the CUDA devices that it can use.
    """

    seal: Literal["sealed", "limited", "none"]
    lacking: dict[str, str] = field(default_factory=dict)
    landlock: int = 0
    torch: str = ""
    trouble: str = ""
    devices: list[str] = field(default_factory=list)
