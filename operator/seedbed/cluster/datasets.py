"""Prepared datasets of one namespace: in the store or not, and the Job that puts them there.

A dataset is prepared once and used by every run; its card, written last, vouches for it. The store is tried
before anything is prepared, so that a wrong key is a sentence and not a failed run.
"""

import time
from collections.abc import Callable
from typing import Protocol

from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.admission import Admitted
from seedbed.cluster.jobs import Jobs
from seedbed.cluster.manifests import build_prepare_job
from seedbed.cluster.names import HASH_ANNOTATION, card_key, prepare_job_name
from seedbed.cluster.podstate import attempt_of
from seedbed.cluster.preparation import observe_prepare_job
from seedbed.cluster.rest import Document
from seedbed.engine.observation import Preparation
from seedbed.errors import AlreadyExists, InvalidInput, StorageFailed
from seedbed.world import Artifacts
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, InvalidRecord


class CheckedArtifacts(Artifacts, Protocol):
    """Artifacts that know whether their store is fit for records."""

    async def check(self) -> str | None:
        """What is wrong with the store, in a sentence; None when all is well."""
        ...


ArtifactsOf = Callable[[ResearchGoal | Experiment], CheckedArtifacts]


class Datasets:
    """Has datasets prepared, and finds out how far they are."""

    def __init__(self, jobs: Jobs, artifacts_of: ArtifactsOf, clock: Callable[[], float] = time.time) -> None:
        self._jobs, self._artifacts_of, self._clock = jobs, artifacts_of, clock
        self._cards: dict[tuple[str, str, str], Card] = {}  # by namespace, store and dataset
        self._sound: set[str] = set()  # stores that passed their check

    async def prepare(self, resource: ResearchGoal | Experiment, admitted: Admitted) -> None:
        """Start the preparation, unless it is under way; one that failed is begun anew."""
        name = _job_name(resource)
        there, attempt = await self._jobs.get(name), 1
        if there is not None:
            if (await self._observe_job(resource, admitted, there)).phase != "Absent":
                return
            attempt = attempt_of(there) + 1
            await self._jobs.delete(name)
        try:
            await self._jobs.create(build_prepare_job(resource, admitted, attempt))
        except AlreadyExists:  # somebody else was faster, or the failed one is not gone yet
            return

    async def observe(self, resource: ResearchGoal | Experiment, admitted: Admitted) -> Preparation:
        """Ready once the card is in the store; Blocked while the store is not fit."""
        key = dataset_key(resource.spec.dataset.document())
        known = resource.metadata.namespace, resource.spec.artifacts.store, key
        if known not in self._cards:
            try:
                card = await self._card(resource, key)
            except (StorageFailed, InvalidInput) as error:
                return Preparation("Blocked", message=str(error), reason="StoreFailed")
            if card is None:
                return await self._observe_job(resource, admitted, await self._jobs.get(_job_name(resource)))
            self._cards[known] = card
        return Preparation("Ready", self._cards[known])

    async def _card(self, resource: ResearchGoal | Experiment, dataset: str) -> Card | None:
        artifacts, store = self._artifacts_of(resource), resource.spec.artifacts.store
        if store not in self._sound:
            if (trouble := await artifacts.check()) is not None:
                raise StorageFailed(trouble)
            self._sound.add(store)
        key = card_key(resource.metadata.namespace, dataset)
        data = await artifacts.get(key)
        try:
            return None if data is None else Card.from_json(data)
        except InvalidRecord as error:
            raise StorageFailed(f"{key} is damaged: {error}; remove it to have it made again") from error

    async def _observe_job(
        self, resource: ResearchGoal | Experiment, admitted: Admitted, job: Document | None
    ) -> Preparation:
        pods = [] if job is None else await self._jobs.pods(job)
        refused = "" if job is None else await self._jobs.refusal(job, pods)
        today = build_prepare_job(resource, admitted)
        wanted = today["metadata"]["annotations"][HASH_ANNOTATION]
        return observe_prepare_job(job, pods, self._clock(), refused, wanted)


def _job_name(resource: ResearchGoal | Experiment) -> str:
    return prepare_job_name(dataset_key(resource.spec.dataset.document()), resource.spec.artifacts.store)
