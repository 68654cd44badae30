"""A world for each namespace: its resources, its Jobs, the stores and profiles that the admin set up."""

from kubernetes.aio.client import ApiClient

from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.admission import Refusal, admit
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.events import Events, TellingStore
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.rest import Rest
from seedbed.cluster.settings import OperatorSettings
from seedbed.cluster.store import KubeStore
from seedbed.errors import InvalidInput
from seedbed.planning.search import SearchPlanner
from seedbed.world import Profile, World


class Worlds:
    """Makes the world of a namespace when it is first asked for, and keeps it."""

    def __init__(self, client: ApiClient, settings: OperatorSettings, events: Events) -> None:
        self._rest, self._settings, self._events = Rest(client), settings, events
        self._worlds: dict[str, World] = {}
        self._stores: dict[str, S3Artifacts] = {}

    def __call__(self, namespace: str) -> World:
        """The world of a namespace."""
        if namespace not in self._worlds:
            store = KubeStore(self._rest, namespace)
            self._worlds[namespace] = World(
                store=TellingStore(store, self._events),
                launcher=JobLauncher(self._rest, self._settings, namespace, self.artifacts_of),
                planner=SearchPlanner(),
                artifacts_of=self.artifacts_of,
                profile_of=self.profile_of,
            )
        return self._worlds[namespace]

    def artifacts_of(self, resource: ResearchGoal | Experiment) -> S3Artifacts:
        """The store that a resource names.

        Raises:
            InvalidInput: the admin set up none of that name.
            StorageFailed: its settings are not usable.
        """
        name = resource.spec.artifacts.store
        if name not in self._settings.stores:
            raise InvalidInput(f"spec.artifacts.store: there is no store {name!r} in this cluster")
        if name not in self._stores:
            self._stores[name] = S3Artifacts(self._settings.stores[name])
        return self._stores[name]

    def profile_of(self, resource: ResearchGoal | Experiment) -> Profile:
        """What the profile that a resource names says about its runs.

        Raises:
            InvalidInput: there is none of that name, or it does not allow what is asked for.
        """
        admitted = admit(resource, self._settings)
        if isinstance(admitted, Refusal):
            raise InvalidInput(admitted.message)
        return Profile(admitted.profile.device, admitted.profile.image)
