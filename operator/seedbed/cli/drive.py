"""Drives goals and Experiments to their end, live: the body of `run`, `resume` and the one-line form.

Ctrl-C (and SIGTERM) ends the runs under way and keeps everything that is recorded; a second one ends this
process at once, which loses no more than that.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli import exits
from seedbed.cli.documents import FolderDocuments
from seedbed.cli.hints import resume_command, show_command
from seedbed.cli.live import View, choose_view
from seedbed.cli.servers import require_servers
from seedbed.cli.take_over import take_over
from seedbed.cli.write_report import write_report
from seedbed.errors import InvalidInput
from seedbed.local.folder import Folder
from seedbed.local.loop import OVER, LocalWorld, local_world, run_experiment, run_goal
from seedbed.local.permission import require_permission
from seedbed.local.settings import Settings
from seedbed.local.sources import preparing_environment
from seedbed.planning.llm.providers import Providers
from seedbed.planning.llm.replay import Recorded
from seedbed.planning.llm.reply import Reply
from seedbed.planning.search import SearchPlanner
from seedbed.world import Profile

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Manner:
    """How to drive and what to leave behind; `replay` answers in the planning LLM's place."""

    plain: bool = False
    report: bool = True
    replay: Recorded | None = None


def drive(settings: Settings, work: Sequence[ResearchGoal | Experiment], manner: Manner) -> int:
    """Take manifests over and drive each to its end, one after the other; the exit code.

    Raises:
        InvalidInput: a manifest has code run, that can't be sealed in, which the settings don't allow.
        SeedbedError: a manifest can't be taken over, the folder is in use, or the surroundings failed.
    """
    for wanted in work:
        require_permission(wanted, settings.allow_unsealed)
    if manner.replay is None:
        require_servers(work, settings)
    return asyncio.run(_drive(settings, work, manner))


@dataclass
class Interruption:
    """Whether a signal came, and what the first one does."""

    stop: Callable[[], None]
    happened: bool = False


@contextlib.contextmanager
def interruptible(view: View) -> Iterator[Interruption]:
    """Have the first signal call `stop`, the second end this process; its runs die with it."""
    loop = asyncio.get_running_loop()
    state = Interruption(stop=lambda: None)

    def received() -> None:
        if state.happened:
            view.__exit__()
            os._exit(exits.INTERRUPTED)
        state.happened = True
        view.say("stopping: the runs under way are ended (once more ends at once)")
        state.stop()

    for each in SIGNALS:
        loop.add_signal_handler(each, received)
    try:
        yield state
    finally:
        for each in SIGNALS:
            loop.remove_signal_handler(each)


async def _drive(settings: Settings, work: Sequence[ResearchGoal | Experiment], manner: Manner) -> int:
    codes = [0]
    folder = Folder(settings.folder)
    profile = Profile(device=settings.device, allow_unsealed=settings.allow_unsealed)
    with choose_view(manner.plain) as view, interruptible(view) as interruption:
        servers, ask = _model(settings, work, manner.replay)
        world = local_world(
            folder, SearchPlanner(), profile, settings.cores, servers, ask, preparing_environment(settings)
        )
        async with world as local:
            interruption.stop = local.stop
            for wanted in work:
                await _baseline_first(local, wanted, view)
                view.say(await take_over(local.store, wanted))
                codes.append(await _run(local, wanted, view, manner))
                if local.stopping:
                    break
    return max(codes)


def _model(
    settings: Settings, work: Sequence[ResearchGoal | Experiment], replay: Recorded | None
) -> tuple[Providers, Callable[..., Awaitable[Reply]] | None]:
    """The model servers that goals may name, and who answers in their place, if anybody does."""
    if replay is None:
        return Providers(settings.providers), None
    named = [each.spec.planner for each in work if isinstance(each, ResearchGoal)]
    return Providers({planner.provider: replay.provider(planner) for planner in named}), replay.ask


async def _baseline_first(local: LocalWorld, wanted: ResearchGoal | Experiment, view: View) -> None:
    """Have the Experiment that a goal asks for an improvement over run to its end: nobody else will.

    Raises:
        InvalidInput: there is no such Experiment, or it may not run here.
    """
    improvement = wanted.spec.objective.improvement if isinstance(wanted, ResearchGoal) else None
    if improvement is None:
        return
    there = await local.store.get(ResearchGoal, wanted.metadata.name)
    if there is not None and there.status.baseline is not None:
        return
    baseline = await local.store.get(Experiment, improvement.over)
    if baseline is None:
        raise InvalidInput(
            f"`spec.objective.improvement.over` is {improvement.over} but there is no such Experiment in "
            f"{local.folder.root}: run its manifest first (`purpose: Confirm`, ten seeds or more)"
        )
    if baseline.spec.goal is None and baseline.status.phase not in OVER:
        require_permission(baseline, local.launcher.allow_unsealed)
        view.say(f"the baseline first: {improvement.over}")
        await run_experiment(local, improvement.over, view.show)


async def _run(local: LocalWorld, wanted: ResearchGoal | Experiment, view: View, manner: Manner) -> int:
    """One resource to its end, or to where it was stopped."""
    name, folder = wanted.metadata.name, local.folder.root
    resume = resume_command(name, folder)
    if isinstance(wanted, Experiment):
        experiment = await run_experiment(local, name, view.show)
        view.finish(experiment, resume)
        code = exits.of_experiment(experiment)
    else:
        goal = await run_goal(local, name, view.show)
        view.finish(goal, resume)
        if manner.replay is not None and (differences := manner.replay.in_words()):
            view.say(differences)
        code = exits.of_goal(goal)
        if manner.report and goal.status.verdict is not None:
            for path in write_report(FolderDocuments(local.folder), goal):
                view.say(f"report: {path}")
    if code == exits.INTERRUPTED:
        view.say(f"what is recorded is kept in {folder}; go on with: {resume}")
    else:
        view.say(f"every run: {show_command(name, folder)}")
    return code
