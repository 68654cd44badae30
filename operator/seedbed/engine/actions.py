"""What the engine can ask of the world; the reconciler carries them out in the order in which they stand."""

from dataclasses import dataclass

from seedbed.api import ExperimentStatus, GoalStatus


@dataclass(frozen=True)
class PrepareDataset:
    """Start preparing the dataset."""


@dataclass(frozen=True)
class Ask:
    """Call the planning LLM for the proposal that the status claims; it may see experiments 1 … `visible`."""

    index: int
    visible: int


@dataclass(frozen=True)
class Propose:
    """Get proposal `index`, which may see experiments 1 … `visible`, and make its Experiment.

    It is stored, or in the answer to the planning LLM's last call, or (`search`) the search planner is asked;
    `tokens` is what trying to get it from a model has cost.
    """

    index: int
    visible: int
    search: bool = True
    tokens: int = 0


@dataclass(frozen=True)
class Confirm:
    """Make the Experiment that runs proposal `index` again in confirmation `attempt`."""

    index: int
    attempt: int


@dataclass(frozen=True)
class Control:
    """Make the Experiment that trains proposal `index` on permuted labels."""

    index: int


@dataclass(frozen=True)
class PatchGoal:
    """Write the goal's status."""

    status: GoalStatus


@dataclass(frozen=True)
class PatchExperiment:
    """Write the experiment's status."""

    status: ExperimentStatus


@dataclass(frozen=True)
class StartRun:
    """Start an attempt at a run; the status that names the attempt is written before."""

    seed: int
    attempt: int


@dataclass(frozen=True)
class StopRun:
    """End a run's attempt; nothing of it is recorded."""

    seed: int


@dataclass(frozen=True)
class RecordFailure:
    """Record a model failure that the scorer could not record itself, unless the run has a record."""

    seed: int
    attempt: int
    reason: str
    message: str
    seconds: float


GoalAction = PrepareDataset | Ask | Propose | Control | Confirm | PatchGoal
ExperimentAction = PrepareDataset | PatchExperiment | StartRun | StopRun | RecordFailure


@dataclass(frozen=True)
class Decision:
    """Actions in order, and when to look again at the latest even if nothing is heard."""

    actions: tuple[GoalAction | ExperimentAction, ...] = ()
    look_again_at: float | None = None
