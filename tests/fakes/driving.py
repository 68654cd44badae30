"""Drives a `MemoryWorld` to its end in an order drawn at random, with or without deaths on the way."""

import asyncio
import random
from dataclasses import replace

from fakes.memory import Crash
from seedbed.errors import Conflict
from seedbed.reconcile import Reconciler


class DyingWorld:
    """The world's parts, each of whose writing calls may be the controller's last."""

    def __init__(self, part, die):
        self._part, self._die = part, die

    def __getattr__(self, name):
        found = getattr(self._part, name)
        if name not in ("patch_status", "create", "start", "stop", "put", "prepare"):
            return found

        async def call(*args):
            self._die("before")
            result = await found(*args)
            self._die("after")
            return result

        return call


def drive(memory, seed, crash_rate=0.0, lose_runs=True, step=None, until=None, patience=20_000):
    """Reconcile, end runs and die in an order drawn from `seed` until the goal is finished and quiet."""
    with asyncio.Runner() as runner:  # one loop: tens of thousands are dearer than all that they run
        run = runner.get_loop().run_until_complete
        return _drive(run, memory, seed, crash_rate, lose_runs, step, until, patience)


def _drive(run, memory, seed, crash_rate, lose_runs, step, until, patience):
    rng = random.Random(seed)

    def die(_when):
        if rng.random() < crash_rate:
            raise Crash

    def controller():
        world = memory.world
        if crash_rate:
            artifacts = DyingWorld(memory.artifacts, die)
            world = replace(
                world,
                store=DyingWorld(world.store, die),
                launcher=DyingWorld(world.launcher, die),
                calls=DyingWorld(world.calls, die),
                artifacts_of=lambda resource: artifacts,
            )
        return Reconciler(world, memory.clock)

    reconciler = controller()
    for turn in range(patience):
        if until is not None and until(memory):
            return memory
        names = [e.metadata.name for e in memory.experiments()]
        choices = [("goal", memory.name), *(("experiment", name) for name in names)]
        choices += [("end", key) for key in sorted(memory.launcher.live)] * 2
        choices += [("answer", key) for key in sorted(getattr(memory.calls, "live", ()))] * 2
        what, key = rng.choice(choices)
        memory.now += rng.random()
        if step is not None:
            step(memory, turn, rng)
        if what == "end":
            memory.launcher.end(key) if key in memory.launcher.live else None
            continue
        if what == "answer":
            memory.calls.end(key) if key in memory.calls.live else None
            continue
        try:
            run(getattr(reconciler, what)(key))
        except Conflict:
            pass
        except Crash:
            reconciler = controller()
            if lose_runs:
                memory.launcher.live.clear()
                memory.launcher.ended.clear()
                memory.calls.die()
        if memory.goal.status.finished and not memory.launcher.live:
            run(_settle(memory))
            return memory
    raise AssertionError(f"not finished after {patience} steps: {memory.goal.status}")


def settle(memory):
    """Reconcile everything once more without dying: what a finished goal leaves to be tidied up."""
    asyncio.run(_settle(memory))


async def _settle(memory):
    reconciler = Reconciler(memory.world, memory.clock)
    for _ in range(3):
        for experiment in memory.experiments():
            await reconciler.experiment(experiment.metadata.name)
        await reconciler.goal(memory.name)


def outcome(memory):
    """What must not depend on timing: the search and every number in it, the attempts, the verdict."""
    status = memory.goal.status
    return {
        "experiments": [
            line.model_copy(update={"seconds": 0.0, "gpu_seconds": 0.0}).document()
            for line in status.experiments
        ],
        "attempts": [attempt.document() for attempt in status.attempts],
        "verdict": status.verdict.document() if status.verdict else None,
        "claim": status.claim.document() if status.claim else None,
        "phase": status.phase,
        "best": status.best.document() if status.best else None,
    }
