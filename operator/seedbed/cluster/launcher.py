"""Runs and dataset preparations as Jobs of one namespace: `world.Launcher` for the cluster.

It keeps nothing that a restart may not lose: what runs is listed from the API server every time, what is
prepared is in the store, what ended well is in its record.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.experiment import RunStatus
from seedbed.cluster.admission import Admitted, Refusal, admit
from seedbed.cluster.datasets import ArtifactsOf, Datasets
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.jobs import Jobs, owned, owns
from seedbed.cluster.manifests import build_run_job
from seedbed.cluster.names import HASH_ANNOTATION, SEED_LABEL
from seedbed.cluster.podstate import attempt_of, finished, observe_job
from seedbed.cluster.rest import Document, Rest
from seedbed.cluster.settings import OperatorSettings
from seedbed.cluster.timings import Timings, timings_of
from seedbed.engine.observation import Preparation, RunObservation
from seedbed.errors import AlreadyExists, ClusterFailed, ClusterRefused, InvalidInput
from seedbed_runner.contract.records import RunRequest

STOP_PATIENCE = 15.0  # seconds for a deleted Job to leave the list
STOP_PAUSE = 0.2

Key = tuple[str, int]  # the experiment's UID, and the seed


@dataclass(frozen=True)
class _Refused:
    """A Job that the API server does not take, since when, and why: it waits here instead of there."""

    job: Document
    since: float
    why: str


class JobLauncher:
    """`world.Launcher` for one namespace."""

    def __init__(
        self,
        rest: Rest,
        settings: OperatorSettings,
        namespace: str,
        artifacts_of: ArtifactsOf,
        clock: Callable[[], float] = time.time,
        retired: Callable[[Experiment, Timings], None] = lambda experiment, timings: None,
        freshness: Freshness | None = None,
    ) -> None:
        self._jobs = Jobs(rest, namespace, freshness or Freshness())
        self._datasets = Datasets(self._jobs, artifacts_of, clock)
        self._settings, self._clock, self._retired = settings, clock, retired
        self._refused: dict[Key, _Refused] = {}

    async def prepare(self, resource: ResearchGoal | Experiment) -> None:
        """Start preparing the resource's dataset.

        Raises:
            InvalidInput: it asks for what the settings don't let it have.
            ClusterRefused: the API server does not take the Job.
        """
        await self._datasets.prepare(resource, self._admitted(resource))

    async def observe_preparation(self, resource: ResearchGoal | Experiment) -> Preparation:
        """How far that is; Blocked with what the cluster's admin must put right."""
        admitted = admit(resource, self._settings)
        if isinstance(admitted, Refusal):
            return Preparation("Blocked", message=admitted.message, reason=admitted.reason)
        return await self._datasets.observe(resource, admitted)

    async def start(self, experiment: Experiment, request: RunRequest) -> None:
        """Create the attempt's Job; one that is there already for the same request is taken as it is.

        Raises:
            InvalidInput: as for `prepare`.
            ClusterFailed: a Job of that name is there that this run did not ask for.
        """
        admitted = self._admitted(experiment)
        request = _completed(request, experiment, admitted)
        job = build_run_job(experiment, request, admitted.profile, admitted.store)
        await self._create((experiment.metadata.uid, request.seed), job)

    async def _create(self, key: Key, job: Document) -> None:
        before = self._refused.pop(key, None)
        try:
            await self._jobs.create(job)
        except AlreadyExists:
            await self._adopt(job)
        except ClusterRefused as error:
            since = before.since if before and before.job == job else self._clock()
            self._refused[key] = _Refused(job, since, str(error))

    async def _adopt(self, job: Document) -> None:
        meta = job["metadata"]
        there = await self._jobs.get(meta["name"])
        if there is None:
            raise ClusterFailed(f"the Job {meta['name']} came and went")
        same = (there["metadata"].get("annotations") or {}).get(HASH_ANNOTATION)
        if same != meta["annotations"][HASH_ANNOTATION] or not owns(meta["ownerReferences"][0]["uid"], there):
            raise ClusterFailed(
                f"a Job named {meta['name']} is there that this run did not ask for: delete it"
            )

    async def stop(self, experiment: Experiment, seed: int) -> None:
        """Delete the seed's Jobs that have not finished, and wait until they are gone.

        Raises:
            ClusterFailed: they don't go.
        """
        self._refused.pop((experiment.metadata.uid, seed), None)
        end = time.monotonic() + STOP_PATIENCE
        while jobs := [job for job in await self._jobs.of(experiment, seed, live=True) if not finished(job)]:
            if time.monotonic() >= end:
                raise ClusterFailed(f"the Job {jobs[0]['metadata']['name']} was deleted but does not go")
            for job in jobs:
                if not job["metadata"].get("deletionTimestamp"):
                    await self._jobs.delete(job["metadata"]["name"])
            await asyncio.sleep(STOP_PAUSE)

    async def observe(self, experiment: Experiment) -> dict[int, RunObservation]:
        """The latest attempt of each seed, unless its outcome is in status: then its Job may expire."""
        seen = await self._waiting(experiment)
        latest: dict[int, Document] = {}
        over: list[Document] = []
        for job in await self._all(experiment):
            seed = int(job["metadata"]["labels"][SEED_LABEL])
            if finished(job) and _told(experiment, seed, attempt_of(job)):
                over += [job] if "ttlSecondsAfterFinished" not in job["spec"] else []
            elif seed not in latest or attempt_of(job) > attempt_of(latest[seed]):
                latest[seed] = job
        seeds = {*latest, *(int(job["metadata"]["labels"][SEED_LABEL]) for job in over)}
        pods = await self._jobs.pods_of(experiment, seeds) if seeds else []
        await asyncio.gather(*(self._retire(experiment, job, pods) for job in over))
        found = await asyncio.gather(*(self._observed(job, pods) for job in latest.values()))
        return seen | dict(zip(latest, found, strict=True))

    async def _observed(self, job: Document, pods: list[Document]) -> RunObservation:
        own = owned(job, pods)
        return observe_job(job, own, self._clock(), await self._jobs.refusal(job, own))

    async def _all(self, experiment: Experiment) -> list[Document]:
        """The experiment's Jobs. One that should be there and is not is younger than the list, or over."""
        jobs = await self._jobs.of(experiment)
        there = {(int(job["metadata"]["labels"][SEED_LABEL]), attempt_of(job)) for job in jobs}
        runs = experiment.status.runs
        live = [run for run in runs if run.attempt and not run.ended and run.retry_at is None]
        if there >= {(run.seed, run.attempt) for run in live}:
            return jobs
        return await self._jobs.of(experiment, live=True)

    async def _waiting(self, experiment: Experiment) -> dict[int, RunObservation]:
        """The attempts whose Jobs the API server refused, if it still does."""
        uid = experiment.metadata.uid
        for key, refused in list(self._refused.items()):
            if key[0] == uid:
                await self._create(key, refused.job)
        return {
            seed: RunObservation(
                attempt_of(refused.job), "Waiting", refused.since, reason="JobRefused",
                message=f"the cluster takes no Job for it: {refused.why}",
            )
            for (owner, seed), refused in self._refused.items()
            if owner == uid
        }  # fmt: skip

    async def _retire(self, experiment: Experiment, job: Document, pods: list[Document]) -> None:
        """Let a Job expire; the mark on the Job itself makes that happen once, whoever does it."""
        await self._jobs.expire(job["metadata"]["name"], self._settings.job_ttl)
        self._retired(experiment, timings_of(job, owned(job, pods)))

    def _admitted(self, resource: ResearchGoal | Experiment) -> Admitted:
        admitted = admit(resource, self._settings)
        if isinstance(admitted, Refusal):
            raise InvalidInput(admitted.message)
        return admitted


def _told(experiment: Experiment, seed: int, attempt: int) -> bool:
    """Whether what became of an attempt is in status; before, its pod is the only witness."""
    run = next((run for run in experiment.status.runs if run.seed == seed), RunStatus(seed=seed))
    return run.ended or run.attempt > attempt or (run.attempt == attempt and run.retry_at is not None)


def _completed(request: RunRequest, experiment: Experiment, admitted: Admitted) -> RunRequest:
    """The request with what only the profile knows: the image, and that a GPU asked for is a must."""
    device = request.device
    if experiment.spec.resources.gpus and device == "auto":
        device = "cuda"
    return replace(request, image=request.image or admitted.profile.image, device=device)
