"""One measurement: so many experiments, first by a bare client's Jobs, then by the operator."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ground import HASH, Ground, gathered, prepare
from kubernetes.aio.client import ApiClient
from observing import Seen, observing, until
from operating import Cost, operating

from fakes.seaweed import Seaweed
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.manifests import build_run_job
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.rest import Rest, path_of
from seedbed.reconcile.requests import build_request

WORKERS = 8  # reconciles at once, and requests at once of the bare client: the chart's default
DAY = 86400
LATE = "late"  # an experiment that comes when all others are over
WORKS = "works in namespace"


@dataclass(frozen=True)
class Size:
    """How much is measured: experiments, seeds of each, and how long a run trains, in seconds."""

    experiments: int
    seeds: int
    training: tuple[float, float]

    @property
    def runs(self) -> int:
        """Jobs in all."""
        return self.experiments * self.seeds

    @property
    def names(self) -> list[str]:
        """The experiments' names."""
        return [f"x{number:04d}" for number in range(self.experiments)]


@dataclass(frozen=True)
class Figures:
    """What came out; times in seconds, memory and sizes in bytes."""

    size: Size
    bare_rate: float
    rate: float
    requests: dict[str, float]
    lags: list[float]
    took: float
    cost: Cost
    largest_status: int
    start_ready: float
    start_first_job: float
    start_cost: Cost


@dataclass(frozen=True)
class Bench:
    """Where it is measured."""

    api: ApiClient
    ground: Ground
    store: Seaweed
    folder: Path
    ports: tuple[int, int]
    patience: float

    @property
    def store_settings(self) -> StoreSettings:
        """The store as the operator's settings name it."""
        return StoreSettings(endpoint=self.store.endpoint, bucket=self.store.bucket)

    def settings(self, namespace: str) -> dict[str, Any]:
        """The operator's settings; finished Jobs stay, so that it has them around it."""
        return {
            "profiles": {"default": self.ground.profile()},
            "stores": {"default": {"endpoint": self.store.endpoint, "bucket": self.store.bucket}},
            "watch": {"namespaces": [namespace]},
            "workers": WORKERS,
            "jobTtl": DAY,
            "log": {"format": "text", "level": "INFO"},
        }


async def measure(bench: Bench, size: Size) -> Figures:
    """Both ways, one after the other, each in a namespace of its own that is gone before the next."""
    async with playing(bench, size):
        async with bench.ground.namespace("bare") as namespace:
            bare = await _bare(bench, size, namespace)
        async with bench.ground.namespace("operator") as namespace:
            return await _operated(bench, size, namespace, bare)


@asynccontextmanager
async def playing(bench: Bench, size: Size) -> AsyncIterator[None]:
    """The Node and the process that plays it; its namespaces must be gone before it is."""
    async with bench.ground.node():
        with (bench.folder / "ends").open("wb") as ends:
            process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("node.py"), bench.ground.name,
                 *map(str, size.training), bench.store.endpoint, bench.store.bucket],
                stdout=ends, start_new_session=True,
            )  # fmt: skip
        try:
            await bench.ground.until_ready()
            yield
        finally:
            process.terminate()
            process.wait()


async def _bare(bench: Bench, size: Size, namespace: str) -> float:
    """Jobs a second of a client that does nothing else; the Jobs are those of the operator."""
    rest = Rest(bench.api)
    made = await bench.ground.experiments(namespace, size.names, size.seeds)
    profile = RunProfile.model_validate(bench.ground.profile())
    jobs = [
        build_run_job(each, build_request(each, seed, 1, HASH), profile, bench.store_settings)
        for each in made
        for seed in each.spec.seeds
    ]
    async with observing(bench.api, namespace) as seen:
        path = path_of("batch/v1", namespace, "jobs")
        await gathered(WORKERS, [rest.create(path, job) for job in jobs])
        await until(lambda: len(seen.jobs) == size.runs, "every Job was seen", bench.patience)
        await until(
            lambda: len(_ends(bench)) == size.runs, "every run of the bare client ended", bench.patience
        )
    return seen.creations_a_second()


async def _operated(bench: Bench, size: Size, namespace: str, bare: float) -> Figures:
    """The same by the operator, to the last status; then it is started again among all these Jobs."""
    await prepare(S3Artifacts(bench.store_settings), namespace)
    await bench.ground.experiments(namespace, size.names, size.seeds)
    settings, before = bench.settings(namespace), len(_ends(bench))
    async with observing(bench.api, namespace) as seen:
        with operating(bench.folder, settings, bench.ports) as operator:
            await until(lambda: len(seen.completed) == size.experiments, "all are completed", bench.patience)
            took = max(seen.completed.values()) - operator.started
            cost, requests = operator.cost(), await asyncio.to_thread(operator.requests)
        lags = _lags(_ends(bench)[before:], seen)
        rate = seen.creations_a_second()
        await bench.ground.experiments(namespace, [LATE], size.seeds)
        with operating(bench.folder, settings, bench.ports) as operator:
            ready = await operator.until_said(WORKS)
            await until(lambda: LATE in seen.completed, "the late one is completed", bench.patience)
            first, again = seen.first_jobs[LATE] - operator.started, operator.cost()
    return Figures(size, bare, rate, requests, lags, took, cost, seen.largest_status, ready, first, again)


def _ends(bench: Bench) -> list[tuple[str, int, float]]:
    """The ends of runs so far: experiment, seed, instant."""
    lines = (bench.folder / "ends").read_text().splitlines()
    return [tuple(json.loads(line)) for line in lines]


def _lags(ends: list[tuple[str, int, float]], seen: Seen) -> list[float]:
    """From each experiment's last run's end to the status that says so, in order of length."""
    last: dict[str, float] = {}
    for experiment, _, instant in ends:
        last[experiment] = max(instant, last.get(experiment, 0.0))
    return sorted(seen.completed[name] - instant for name, instant in last.items())
