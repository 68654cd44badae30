"""What a planner may choose from beyond what every goal has, and what is left to spend.

The caller fills these from the goal's provider, profile and budget; prompt, schema and checks read them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seedbed.api.goal import Resources


@dataclass(frozen=True)
class Code:
    """PyTorch code instead of layers.

    Attributes:
        rules: what a module must hold, for the prompt.
        check: the mistakes in a module's text, one sentence each.
    """

    rules: str
    check: Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Offer:
    """What one answer may hold.

    Attributes:
        batch: the most proposals.
        caps: the most that one run may ask for; None: what the goal gives every run is fixed.
        code: None where only layers and torchvision's classifiers are taken.
    """

    batch: int = 1
    caps: Resources | None = None
    code: Code | None = None


@dataclass(frozen=True)
class Left:
    """What the goal may still spend. Not its time: what is asked must not depend on the clock."""

    experiments: int
    failures: int
    confirmations: int
    tokens: int
    gpu_hours: float
