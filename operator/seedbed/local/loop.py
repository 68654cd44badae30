"""The foreground loop of a laptop: reconcile one goal or one Experiment until it is over.

Called by the commands that run something. It wakes when the launcher hears of a run, when the engine asked to
be called again, and every second at the latest (a `stop` from another process is a changed document).
"""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from seedbed.api import Experiment, ResearchGoal
from seedbed.engine.directive import directive_for
from seedbed.errors import Conflict, NotFound
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import Folder
from seedbed.local.launcher import ProcessLauncher
from seedbed.local.store import FolderStore
from seedbed.planning.contract import Planner
from seedbed.planning.llm.providers import Providers
from seedbed.planning.llm.reply import Reply
from seedbed.reconcile import Reconciler
from seedbed.reconcile.calls import ModelCalls, Surroundings
from seedbed.world import Profile, World

LONGEST_SLEEP = 1.0
OVER = frozenset({"Completed", "Dropped", "Failed", "Superseded", "Refused"})


@dataclass(frozen=True)
class Snapshot:
    """What there is to show: the goal (None for an Experiment that stands alone), its experiments, its runs.

    `running` holds experiment, seed and start (seconds since the epoch) of every run under way.
    """

    goal: ResearchGoal | None
    experiments: list[Experiment]
    running: list[tuple[str, int, float]]


@dataclass
class LocalWorld:
    """A folder with everything that deciding in it needs."""

    folder: Folder
    store: FolderStore
    artifacts: FolderArtifacts
    launcher: ProcessLauncher
    reconciler: Reconciler

    def stop(self) -> None:
        """Have the loop end after its present step; safe to call from a signal handler."""
        self.stopping = True
        self.launcher.changed.set()

    stopping: bool = False


@contextlib.asynccontextmanager
async def local_world(
    folder: Folder,
    planner: Planner,
    profile: Profile | None = None,
    cores: int | None = None,
    providers: Providers | None = None,
    ask: Callable[..., Awaitable[Reply]] | None = None,
    preparing: Mapping[str, str] | None = None,
) -> AsyncIterator[LocalWorld]:
    """Be the one process that decides in `folder`; every run and call of it is over when the block is left.

    Args:
        folder: where everything is kept.
        planner: proposes where no model does.
        profile: what runs get.
        cores: runs at once.
        providers: the model servers that goals may name.
        ask: makes a call to one; None: for real.
        preparing: the environment of what prepares datasets; None: by the settings, without flags.

    Raises:
        FolderBusy: another process works there.
    """
    with folder.controlling():
        store, artifacts = FolderStore(folder), FolderArtifacts(folder.artifacts)
        chosen = profile or Profile()
        launcher = ProcessLauncher(folder, cores, chosen.allow_unsealed, preparing)
        around = Surroundings(
            providers or Providers(),
            artifacts_of=lambda resource: artifacts,
            profile_of=lambda resource: chosen,
            wake=lambda goal: launcher.changed.set(),
            holder=f"{os.uname().nodename}-{os.getpid()}",
            alone=True,  # the folder is locked
        )
        calls = ModelCalls(around, ask)
        world = World(store, launcher, planner, calls, around.artifacts_of, around.profile_of)
        try:
            yield LocalWorld(folder, store, artifacts, launcher, Reconciler(world))
        finally:
            await calls.close()
            await launcher.close()


async def run_goal(local: LocalWorld, name: str, show: Callable[[Snapshot], None]) -> ResearchGoal:
    """Drive a goal until it is finished, suspended, or `local.stop()`; the goal as it is then.

    Raises:
        NotFound: there is no goal of that name.
        SeedbedError: the disk is full, runs can't be started, the planner failed.
    """
    await _discount_absence(local, name)
    while True:
        local.launcher.changed.clear()
        wake = await _step_goal(local, name)
        goal, experiments = await _goal_and_experiments(local, name)
        show(Snapshot(goal, experiments, local.launcher.running()))
        quiet = not local.launcher.running()
        if local.stopping or (quiet and (goal.status.finished or goal.status.phase == "Suspended")):
            return goal
        local.folder.heartbeat(name)
        await _sleep(local, wake)


async def run_experiment(local: LocalWorld, name: str, show: Callable[[Snapshot], None]) -> Experiment:
    """Drive an Experiment that stands alone until it is over or `local.stop()`; as `run_goal`."""
    while True:
        local.launcher.changed.clear()
        wake = await _reconciled(local.reconciler.experiment(name))
        experiment = await local.store.get(Experiment, name)
        if experiment is None:
            raise NotFound(f"the Experiment {name} is gone")
        show(Snapshot(None, [experiment], local.launcher.running()))
        if local.stopping or experiment.status.phase in OVER:
            return experiment
        await _sleep(local, wake)


async def _goal_and_experiments(local: LocalWorld, name: str) -> tuple[ResearchGoal, list[Experiment]]:
    goal = await local.store.get(ResearchGoal, name)
    if goal is None:
        raise NotFound(f"there is no goal named {name} in {local.folder.root}")
    return goal, list((await local.reconciler.experiments_of(goal)).values())


async def _step_goal(local: LocalWorld, name: str) -> float | None:
    """Reconcile the goal and its experiments until nothing changes; when to look again at the latest."""
    while True:
        before = local.store.version
        wakes = [await _reconciled(local.reconciler.goal(name))]
        goal, experiments = await _goal_and_experiments(local, name)
        for experiment in experiments:
            if not _tidy(local, goal, experiment):
                wakes.append(await _reconciled(local.reconciler.experiment(experiment.metadata.name)))
        if local.store.version == before or local.stopping:
            return min((wake for wake in wakes if wake is not None), default=None)


def _tidy(local: LocalWorld, goal: ResearchGoal, experiment: Experiment) -> bool:
    """Whether an experiment is as its goal settled it, and nothing of it runs."""
    running = {name for name, _, _ in local.launcher.running()}
    settled = directive_for(goal, experiment).settled
    return settled == experiment.status.phase and experiment.metadata.name not in running


async def _reconciled(reconcile: Awaitable[float | None]) -> float | None:
    """Await one reconcile; a document that changed in between is simply looked at again."""
    try:
        return await reconcile
    except Conflict:
        return time.time()


async def _sleep(local: LocalWorld, wake: float | None) -> None:
    pause = LONGEST_SLEEP if wake is None else min(max(wake - time.time(), 0.0), LONGEST_SLEEP)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(local.launcher.changed.wait(), pause)


async def _discount_absence(local: LocalWorld, name: str) -> None:
    """Time in which no process worked on a goal is no working time of it."""
    goal = await local.store.get(ResearchGoal, name)
    if goal is None:
        raise NotFound(f"there is no goal named {name} in {local.folder.root}")
    status = goal.status
    if status.start_time is None or status.finish_time is not None or status.paused_since is not None:
        return
    last = local.folder.last_heartbeat(name)
    absent = 0.0 if last is None else max(0.0, time.time() - last)
    await local.store.patch_status(
        goal, status.model_copy(update={"paused_seconds": status.paused_seconds + absent})
    )
