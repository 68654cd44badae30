"""A world for each namespace: its resources, its Jobs, the stores and profiles that the admin set up."""

import logging
from collections.abc import Callable
from functools import partial

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.goal import Resources
from seedbed.cluster.admission import Refusal, admit
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.events import Events, TellingStore
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.measuring import MeasuredArtifacts, MeasuredPlanner, MeasuredStore, count_call
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.rest import Rest
from seedbed.cluster.settings import OperatorSettings
from seedbed.cluster.store import KubeStore
from seedbed.cluster.witnessing import Measure
from seedbed.errors import InvalidInput, StorageFailed
from seedbed.planning.search import SearchPlanner
from seedbed.reconcile.calls import ModelCalls, Surroundings
from seedbed.world import Profile, World

log = logging.getLogger(__name__)


class Worlds:
    """Makes the world of a namespace when it is first asked for, and keeps it.

    Args:
        rest: the API server.
        settings: what the admin decided.
        events: what people are told by.
        metrics: what the operator is measured by.
        freshness: hears how new the watches are.
        holder: this operator, as the status of a goal that waits for a model names it.
        wake: has a goal looked at again.
    """

    def __init__(
        self, rest: Rest, settings: OperatorSettings, events: Events, metrics: Metrics,
        freshness: Freshness, holder: str, wake: Callable[[ResearchGoal], None],
    ) -> None:  # fmt: skip
        self._freshness = freshness
        self._rest, self._settings, self._events, self._metrics = rest, settings, events, metrics
        self._measure = Measure(metrics)
        self._worlds: dict[str, World] = {}
        self._stores: dict[str, MeasuredArtifacts] = {}
        around = Surroundings(
            settings.model_servers(), self.artifacts_of, self.profile_of, wake, holder, alone=False
        )  # fmt: skip
        self._calls = ModelCalls(around, heard=partial(count_call, metrics))

    async def close(self) -> None:
        """End the calls to planning models that are under way."""
        await self._calls.close()

    def __call__(self, namespace: str) -> World:
        """The world of a namespace."""
        if namespace not in self._worlds:
            store = TellingStore(KubeStore(self._rest, namespace), self._events)
            self._worlds[namespace] = World(
                store=MeasuredStore(store, namespace, self._metrics),
                launcher=JobLauncher(
                    self._rest,
                    self._settings,
                    namespace,
                    self.artifacts_of,
                    retired=self._measure.retired,
                    freshness=self._freshness,
                ),  # fmt: skip
                planner=MeasuredPlanner(SearchPlanner(), self._metrics),
                calls=self._calls,
                artifacts_of=self.artifacts_of,
                profile_of=self.profile_of,
            )
        return self._worlds[namespace]

    def artifacts_of(self, resource: ResearchGoal | Experiment) -> MeasuredArtifacts:
        """The store that a resource names.

        Raises:
            InvalidInput: the admin set up none of that name.
            StorageFailed: its settings are not usable.
        """
        name = resource.spec.artifacts.store
        if name not in self._settings.stores:
            raise InvalidInput(f"spec.artifacts.store: there is no store {name!r} in this cluster")
        return self._store(name)

    async def check_stores(self) -> None:
        """Say in the log which stores keep records and which don't; goals check their own again."""
        for name in self._settings.stores:
            try:
                trouble = await self._store(name).check()
            except StorageFailed as error:
                trouble = str(error)
            if trouble is None:
                log.info("store %s keeps records", name)
            else:
                log.warning("store %s: %s", name, trouble)

    def _store(self, name: str) -> MeasuredArtifacts:
        if name not in self._stores:
            artifacts = S3Artifacts(self._settings.stores[name])
            self._stores[name] = MeasuredArtifacts(artifacts, name, self._metrics)
        return self._stores[name]

    def profile_of(self, resource: ResearchGoal | Experiment) -> Profile:
        """What the profile that a resource names says about its runs.

        Raises:
            InvalidInput: there is none of that name, or it does not allow what is asked for.
        """
        admitted = admit(resource, self._settings)
        if isinstance(admitted, Refusal):
            raise InvalidInput(admitted.message)
        profile = admitted.profile
        caps = Resources(gpus=min(1, profile.max_gpus), cpu=profile.max_cpu, memory=profile.max_memory)
        declared = (profile.runtime_class or "") if profile.runtime_class_seals else ""
        return Profile(profile.device, profile.image, caps, profile.allow_unsealed, declared)
