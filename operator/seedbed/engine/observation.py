"""What the engine is told about the world: a dataset's preparation and the attempts at runs."""

from dataclasses import dataclass
from typing import Literal

from seedbed_runner.contract.records import Card


@dataclass(frozen=True)
class Preparation:
    """How far a dataset's preparation is; `card` once it is Ready, `message` when it failed or waits.

    `Blocked` is what somebody else must put right (no store, a wrong key, a missing bucket): looked at again,
    and never the end of a goal. `reason` is CamelCase, for machines.
    """

    phase: Literal["Absent", "Running", "Ready", "Failed", "Blocked"]
    card: Card | None = None
    message: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RunObservation:
    """One attempt at a run, as the world sees it.

    `Ended` says that nothing of it is alive any more; with `failure` Infrastructure it is worth another
    attempt, with Model it is a result that the world saw but the scorer could not record. Ended without a
    failure means that the record should be there. `seconds` is its running time so far.
    """

    attempt: int
    phase: Literal["Waiting", "Running", "Ended"]
    since: float = 0.0
    seconds: float = 0.0
    failure: Literal["Infrastructure", "Model"] | None = None
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class CallObservation:
    """The call to the planning LLM that a goal's status claims.

    `Lost`: who claimed it is gone, and no answer is recorded. With `phase` Answered: `outcome`; how many
    `proposals` there are; what it cost in `tokens`, or (`estimated`) can have cost; of a failure its
    CamelCase `reason`, and after how many seconds another call may help (`wait`; None: it would fail the
    same way); when it came (`at`, seconds since the epoch). `message` is a sentence: the failure, the
    mistakes, or why the model stops; `learned` what the server turned out to be able to do.
    """

    phase: Literal["UnderWay", "Lost", "Answered"]
    outcome: Literal["Proposed", "Stopped", "Invalid", "Failed"] | None = None
    proposals: int = 0
    tokens: int = 0
    estimated: bool = False
    reason: str = ""
    message: str = ""
    wait: float | None = None
    at: float = 0.0
    learned: dict[str, str] | None = None
