"""Runs and dataset preparations as processes of this machine, as many at once as it has cores.

Every run has one thread, so a run takes one core; what is beyond that waits its turn. The record of a run is
written by the run's own scorer into the artifacts; this launcher only says what is alive.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.engine.naming import run_prefix
from seedbed.engine.observation import Preparation, RunObservation
from seedbed.errors import LauncherFailed, StorageFailed
from seedbed.local.folder import Folder, replace_file, storage
from seedbed.local.permission import require_permission
from seedbed.local.preparing import prepare
from seedbed.local.warm import WarmParent, runner_environment
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, RunRequest
from seedbed_runner.contract.source import is_foreign

MAX_DEATHS = 3  # of the warm parent, before it is the machine that is at fault

Key = tuple[str, int]


def available_cores() -> int:
    """The cores that this process may use: those it is bound to, within its control group's quota."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        bound = min(bound, max(1, int(quota) // int(period)))  # "max" is no number: no quota
    return bound


@dataclass
class _Run:
    """One attempt: its request's place, and what is known of it."""

    ident: str
    work: Path
    destination: Path
    prepared: Path
    foreign: bool
    observation: RunObservation
    over: asyncio.Event


class ProcessLauncher:
    """`world.Launcher` for one folder; use it within one event loop, and `close` it.

    `preparing` is the environment of what prepares datasets, by `sources.preparing_environment`.
    """

    def __init__(
        self, folder: Folder, cores: int | None = None, allow_unsealed: bool = False,
        preparing: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folder, self.allow_unsealed, self._sources = folder, allow_unsealed, preparing
        self.cores = cores or available_cores()
        self.changed = asyncio.Event()
        self._warm: WarmParent | None = None
        self._ready = False
        self._deaths = 0
        self._broken: Exception | None = None
        self._closing = False
        self._cuda: bool | None = None
        self._restart: asyncio.Task[None] | None = None
        self._runs: dict[Key, _Run] = {}
        self._queue: deque[Key] = deque()
        self._active: set[Key] = set()
        self._cards: dict[str, Card] = {}
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._failed: dict[str, str] = {}

    # -- datasets -----------------------------------------------------------------------------------------

    async def prepare(self, resource: ResearchGoal | Experiment) -> None:
        """Start preparing the resource's dataset, unless that is under way; warm the launcher meanwhile."""
        dataset = resource.spec.dataset.document()
        key = dataset_key(dataset)
        if key not in self._preparing:
            self._preparing[key] = asyncio.create_task(self._prepare(key, dataset))
        await self.warm_up()

    async def _prepare(self, key: str, dataset: dict[str, Any]) -> None:
        if (problem := await prepare(dataset, self.folder.datasets.resolve(), self._sources)) is not None:
            self._failed[key] = problem
        self.changed.set()

    async def observe_preparation(self, resource: ResearchGoal | Experiment) -> Preparation:
        """How far the resource's dataset is."""
        key = dataset_key(resource.spec.dataset.document())
        if key not in self._cards:
            path = self.folder.datasets / key / "public" / "card.json"
            with storage(path):
                if path.exists():
                    self._cards[key] = Card.from_json(path.read_bytes())
        if key in self._cards:
            return Preparation("Ready", self._cards[key])
        if key in self._failed:
            return Preparation("Failed", message=self._failed[key])
        if key in self._preparing:
            return Preparation("Running", message=f"preparing {resource.spec.dataset.name}")
        return Preparation("Absent")

    # -- runs ---------------------------------------------------------------------------------------------

    async def start(self, experiment: Experiment, request: RunRequest) -> None:
        """Queue one attempt; nothing happens if that very attempt is queued or under way.

        Raises:
            InvalidInput: it runs code that can't be sealed in, which is not allowed here.
        """
        await asyncio.to_thread(require_permission, experiment, self.allow_unsealed)
        if request.device == "cuda" and self._broken is None:
            await self._require_cuda()
        key = (experiment.metadata.name, request.seed)
        there = self._runs.get(key)
        if there is not None and there.observation.phase != "Ended":
            return
        ident = f"{experiment.metadata.name}-s{request.seed}-a{request.attempt}"
        work = (self.folder.work / ident).resolve()
        with storage(work):
            work.mkdir(parents=True, exist_ok=True)
        replace_file(work / "request.json", request.to_json())
        self._runs[key] = _Run(
            ident=ident,
            work=work,
            destination=(self.folder.artifacts / run_prefix(experiment, request.seed)).resolve(),
            prepared=(self.folder.datasets / request.dataset_key).resolve(),
            foreign=is_foreign(request.model),
            observation=RunObservation(
                request.attempt, "Waiting", time.time(), message="waiting for a free core"
            ),
            over=asyncio.Event(),
        )
        self._queue.append(key)
        await self.warm_up()
        self._fill()

    async def _require_cuda(self) -> None:
        """A device that this machine lacks is its owner's mistake, and no candidate's failure."""
        if self._cuda is None:
            probe = "import sys, torch; sys.exit(not torch.cuda.is_available())"
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-c", probe, stderr=asyncio.subprocess.DEVNULL, env=runner_environment()
            )
            self._cuda = await process.wait() == 0
        if not self._cuda:
            self._break(
                LauncherFailed(
                    "runs were to train on device cuda, but this machine has no usable CUDA device: "
                    "leave the device out, or give cpu"
                )
            )

    async def stop(self, experiment: Experiment, seed: int) -> None:
        """End the seed's attempt and wait until nothing of it is alive."""
        key = (experiment.metadata.name, seed)
        run = self._runs.get(key)
        if run is None or run.observation.phase == "Ended":
            return
        if key in self._active:
            self._send({"cmd": "stop", "id": run.ident})
            await run.over.wait()
        else:
            self._queue.remove(key)
        del self._runs[key]

    async def observe(self, experiment: Experiment) -> dict[int, RunObservation]:
        """The latest attempt of each seed that this process started.

        Raises:
            LauncherFailed: runs can't be started on this machine.
            StorageFailed: a run ended because the disk is full.
        """
        if self._broken is not None:
            raise self._broken
        name, now = experiment.metadata.name, time.time()
        seen = {}
        for (owner, seed), run in self._runs.items():
            if owner == name:
                observation = run.observation
                if observation.phase == "Running":
                    observation = replace(observation, seconds=now - observation.since)
                seen[seed] = observation
        return seen

    def running(self) -> list[tuple[str, int, float]]:
        """Experiment, seed and start of every run under way: for people to watch."""
        active = [(key, self._runs[key].observation) for key in sorted(self._active)]
        return [(name, seed, seen.since) for (name, seed), seen in active if seen.phase == "Running"]

    # -- the warm parent ----------------------------------------------------------------------------------

    async def warm_up(self) -> None:
        """Start the warm parent unless it is there."""
        if self._warm is None and self._broken is None and not self._closing:
            warm = self._warm = WarmParent(self._heard, self._break)
            await warm.start()

    def _break(self, error: Exception) -> None:
        """Something that no further run can get around: `observe` raises it."""
        self._broken = self._broken or error
        self.changed.set()

    def _fill(self) -> None:
        """Start what waits, while there are free cores."""
        while self._ready and self._queue and len(self._active) < self.cores:
            key = self._queue.popleft()
            run = self._runs[key]
            self._active.add(key)
            places = {name: str(getattr(run, name)) for name in ("work", "prepared", "destination")}
            self._send({"cmd": "start", "id": run.ident, "foreign": run.foreign, **places})

    def _send(self, message: dict[str, Any]) -> None:
        if self._warm is not None:
            self._warm.send(message)

    def _heard(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "ready":
            self._ready = True
        elif kind == "failed":
            self._break(LauncherFailed(event["message"]))
        elif kind == "died":
            self._died(event)
        else:
            self._heard_of_run(kind, event)
        self._fill()
        self.changed.set()

    def _heard_of_run(self, kind: str, event: dict[str, Any]) -> None:
        key = next((key for key, run in self._runs.items() if run.ident == event["id"]), None)
        if key is None:
            return
        run = self._runs[key]
        if kind == "started":
            run.observation = replace(run.observation, phase="Running", since=event["at"], message="")
        elif kind == "ended":
            self._over(
                key, event["class"] == "Infrastructure", event.get("reason", ""), event.get("message", "")
            )
            if event.get("reason") == "DiskFull":
                self._break(StorageFailed(event["message"]))
            if event["class"] == "Recorded":
                self._deaths = 0

    def _over(self, key: Key, failed: bool, reason: str, message: str) -> None:
        run = self._runs[key]
        seconds = time.time() - run.observation.since if run.observation.phase == "Running" else 0.0
        run.observation = RunObservation(
            run.observation.attempt, "Ended", seconds=seconds, failure="Infrastructure" if failed else None,
            reason=reason, message=message,
        )  # fmt: skip
        self._active.discard(key)
        run.over.set()
        shutil.rmtree(run.work, ignore_errors=True)  # what stays is swept at the next start

    def _died(self, event: dict[str, Any]) -> None:
        """The warm parent is gone, and all its runs with it: they are tried again, by a new one."""
        self._warm, self._ready = None, False
        self._deaths += 1
        said = f"the process that starts runs died with code {event['code']}: {event['message']}"
        for key in list(self._active):
            self._over(key, True, "LauncherDied", said)
        if self._deaths >= MAX_DEATHS:
            self._break(LauncherFailed(said))
        elif self._queue:
            self._restart = asyncio.create_task(self.warm_up())

    async def close(self) -> None:
        """End everything that is alive; nothing of it is recorded."""
        self._closing = True
        if self._restart is not None:
            await self._restart
        for task in self._preparing.values():
            task.cancel()
        await asyncio.gather(*self._preparing.values(), return_exceptions=True)
        self._queue.clear()
        if self._warm is not None:
            await self._warm.close()
