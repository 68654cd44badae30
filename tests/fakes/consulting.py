"""A world in memory whose planning model is asked over real HTTP.

Time passes only while nothing is under way, so a wait of minutes takes none, and a call takes as
long as its server lets it.
"""

import asyncio

from fakes.memory import MemoryWorld
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.providers import Providers
from seedbed.planning.search import SearchPlanner
from seedbed.reconcile import Reconciler
from seedbed.reconcile.calls import ModelCalls, Surroundings
from seedbed.world import Profile


class ConsultingWorld(MemoryWorld):
    """A `MemoryWorld` with the calls of a real one; `waited` holds the seconds waited between calls."""

    def __init__(self, goal, url, launcher=None, **provider):
        super().__init__(goal, SearchPlanner(), **(launcher or {}))
        self.waited = []
        self.answered = asyncio.Event()
        servers = Providers({"default": Provider(name="default", base_url=url, model="m", **provider)})
        around = Surroundings(
            servers,
            artifacts_of=lambda resource: self.artifacts,
            profile_of=lambda resource: Profile(),
            wake=lambda goal: self.answered.set(),
            holder="here",
            alone=True,
        )
        self.calls = ModelCalls(around, clock=self.clock)


async def decide(world, patience=400):
    """Bring a goal to its end, every run as soon as it may start."""
    reconciler = Reconciler(world.world, world.clock)
    for _ in range(patience):
        version, world.answered = world.store.version, asyncio.Event()
        again_at = await reconciler.goal(world.name)
        for experiment in world.experiments():
            await reconciler.experiment(experiment.metadata.name)
        for key in sorted(world.launcher.live):
            world.launcher.end(key)
        if world.store.version != version:
            continue
        status = world.goal.status
        if status.finished:
            return status
        if status.planning.state == "Asking":
            await asyncio.wait_for(world.answered.wait(), 60)
        else:
            world.waited.append(again_at - world.now)
            world.now = again_at
    raise AssertionError(f"not finished after {patience} steps: {world.goal.status}")
