"""What the reconcilers need of the world around them: a few small interfaces.

The laptop (`seedbed.local`) and the cluster implement them; the reconcilers (`seedbed.reconcile`) and the
engine are the same in both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.goal import Resources
from seedbed.engine.observation import CallObservation, Preparation, RunObservation
from seedbed.planning.contract import Planner, ProposalRequest
from seedbed_runner.contract.records import RunRequest

Resource = TypeVar("Resource", ResearchGoal, Experiment)


class Store(Protocol):
    """The resources, with optimistic concurrency by `metadata.resourceVersion`."""

    async def get(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        ...

    async def list_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        ...

    async def create(self, resource: Resource) -> Resource:
        """Store a new resource; the result carries its UID and version.

        Raises:
            AlreadyExists: there is one of that name.
        """
        ...

    async def patch_status(self, resource: Resource, status: Any) -> Resource:
        """Replace the status if the resource is still as it was read.

        Raises:
            Conflict: it changed since.
            NotFound: it is gone.
        """
        ...


class Launcher(Protocol):
    """Starts, observes and stops dataset preparations and runs. Starting what runs already does nothing."""

    async def prepare(self, goal_or_experiment: ResearchGoal | Experiment) -> None:
        """Start preparing the resource's dataset."""
        ...

    async def observe_preparation(self, goal_or_experiment: ResearchGoal | Experiment) -> Preparation:
        """How far that is."""
        ...

    async def start(self, experiment: Experiment, request: RunRequest) -> None:
        """Start one attempt at a run."""
        ...

    async def stop(self, experiment: Experiment, seed: int) -> None:
        """End the seed's attempt, if one is under way; nothing of it is recorded."""
        ...

    async def observe(self, experiment: Experiment) -> dict[int, RunObservation]:
        """The latest attempt of each seed that this world still knows of, by seed."""
        ...


class Artifacts(Protocol):
    """Named bytes that are written once."""

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`, or None."""
        ...

    async def put(self, key: str, data: bytes) -> bool:
        """Write unless there is something under `key` already; whether it was written."""
        ...


class Calls(Protocol):
    """Calls to the planning LLM: each made at most once, in the background, its outcome in the journal."""

    @property
    def holder(self) -> str:
        """Who calls: this process, as a goal's status names it."""
        ...

    async def start(self, goal: ResearchGoal, request: ProposalRequest) -> None:
        """Make the call that the goal's status claims; it goes on after this returns."""
        ...

    async def observe(self, goal: ResearchGoal) -> CallObservation:
        """How far it is."""
        ...


@dataclass(frozen=True)
class Profile:
    """What the owner of the machines decides about runs.

    Attributes:
        device: on which they train.
        image: in which they run.
        allow_unsealed: whether code that a model is made of may run where a machine can't seal it in.
        declared: the runtime class that the owner declares to be the seal; empty: none is.
        caps: the most that one may ask for; None: a planner can't ask for more than the goal's own.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    image: str | None = None
    caps: Resources | None = None
    allow_unsealed: bool = False
    declared: str = ""


@dataclass(frozen=True)
class World:
    """One place where goals are decided.

    `artifacts_of` and `profile_of` raise `InvalidInput` for a resource whose store or profile the owner of
    the machines does not know.
    """

    store: Store
    launcher: Launcher
    planner: Planner
    calls: Calls
    artifacts_of: Callable[[ResearchGoal | Experiment], Artifacts]
    profile_of: Callable[[ResearchGoal | Experiment], Profile]
