"""What the benchmark sees of a namespace, by watches of its own: when Jobs came, when Experiments ended."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kubernetes.aio.client import ApiClient
from watching import NotMeasured, events

from seedbed.api import GROUP, VERSION
from seedbed.cluster.names import EXPERIMENT_LABEL
from seedbed.cluster.rest import path_of


class Seen:
    """Instants (seconds since the epoch) at which things were seen in a namespace."""

    def __init__(self) -> None:
        self.jobs: dict[str, float] = {}  # by the Job's name
        self.first_jobs: dict[str, float] = {}  # by the experiment's name
        self.completed: dict[str, float] = {}  # by the experiment's name
        self.largest_status = 0  # bytes of JSON

    def creations_a_second(self) -> float:
        """The Jobs' rate between the first and the last one seen."""
        instants = self.jobs.values()
        return (len(instants) - 1) / (max(instants) - min(instants))

    async def jobs_of(self, api: ApiClient, namespace: str) -> None:
        """Watch the Jobs, for ever."""
        async for kind, job in events(api, path_of("batch/v1", namespace, "jobs"), metadata_only=True):
            if kind == "ADDED":
                now, metadata = time.time(), job["metadata"]
                self.jobs[metadata["name"]] = now
                self.first_jobs.setdefault(metadata["labels"][EXPERIMENT_LABEL], now)

    async def experiments_of(self, api: ApiClient, namespace: str) -> None:
        """Watch the Experiments, for ever."""
        path = path_of(f"{GROUP}/{VERSION}", namespace, "experiments")
        async for _, experiment in events(api, path):
            status = experiment.get("status", {})
            self.largest_status = max(self.largest_status, len(json.dumps(status)))
            if status.get("phase") == "Completed":
                self.completed.setdefault(experiment["metadata"]["name"], time.time())
            elif status.get("phase") == "Failed":
                raise NotMeasured(f"an experiment failed, so that no figure counts: {status}")


@asynccontextmanager
async def observing(api: ApiClient, namespace: str) -> AsyncIterator[Seen]:
    """See what happens in a namespace; a watch that breaks breaks the block."""
    seen = Seen()
    async with asyncio.TaskGroup() as group:
        watches = [
            group.create_task(seen.jobs_of(api, namespace)),
            group.create_task(seen.experiments_of(api, namespace)),
        ]
        yield seen
        for watch in watches:
            watch.cancel()


async def until(condition: Callable[[], bool], what: str, patience: float) -> None:
    """Wait for something.

    Raises:
        TimeoutError: it did not come.
    """
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"within {patience:.0f} s it did not come to this: {what}")
        await asyncio.sleep(0.05)
