"""What the admin's settings let a resource have; the schema and the API server's admission may be bypassed.

The launcher asks before anything is prepared or started. A refusal is a sentence, not the end of a goal: the
admin may add a profile, a store or a larger cap.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.common import memory_bytes
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.settings import OperatorSettings
from seedbed.cluster.sources import Sources


@dataclass(frozen=True)
class Admitted:
    """The profile and the store that a resource names, and where its data are looked for beside the store."""

    profile: RunProfile
    store: StoreSettings
    sources: Sources


@dataclass(frozen=True)
class Refusal:
    """Why a resource is not served; `reason` is CamelCase, for machines."""

    reason: str
    message: str


def admit(resource: ResearchGoal | Experiment, settings: OperatorSettings) -> Admitted | Refusal:
    """What a resource names, if it may have it."""
    spec = resource.spec
    profile, store = settings.profiles.get(spec.profile), settings.stores.get(spec.artifacts.store)
    if profile is None:
        return _unknown("Profile", "spec.profile", "run profile", spec.profile, settings.profiles)
    if store is None:
        return _unknown("Store", "spec.artifacts.store", "store", spec.artifacts.store, settings.stores)
    for problem in _above_caps(resource, profile):
        return Refusal("AboveCap", problem)
    allowed = (None, profile.image, *profile.earlier_images)
    if isinstance(resource, Experiment) and resource.spec.image not in allowed:
        return Refusal("ForeignImage", _foreign(resource))
    return Admitted(profile, store, settings.sources)


def _foreign(experiment: Experiment) -> str:
    """That an experiment's image is not its profile's, and what can be done about it."""
    spec = experiment.spec
    problem = f"spec.image: {spec.image} is not an image of profile {spec.profile}"
    if spec.goal is None:
        return f"{problem}: leave it out"
    return (
        f"{problem} any more: its admin can add it to earlierImages; or delete this Experiment, and its goal "
        "makes it again with the present image"
    )


def _unknown(what: str, path: str, words: str, name: str, known: Iterable[str]) -> Refusal:
    names = ", ".join(sorted(known))
    there = f"there are: {names}" if names else "the cluster's admin has set up none"
    return Refusal(f"Unknown{what}", f"{path}: there is no {words} {name!r} in this cluster; {there}")


def _above_caps(resource: ResearchGoal | Experiment, profile: RunProfile) -> Iterator[str]:
    asked, name = resource.spec.resources, resource.spec.profile
    if asked.gpus > profile.max_gpus:
        yield f"spec.resources.gpus: {asked.gpus} is more than profile {name} allows ({profile.max_gpus})"
    if asked.cpu > profile.max_cpu:
        yield f"spec.resources.cpu: {asked.cpu:g} is more than profile {name} allows ({profile.max_cpu:g})"
    if memory_bytes(asked.memory) > memory_bytes(profile.max_memory):
        allowed = profile.max_memory
        yield f"spec.resources.memory: {asked.memory} is more than profile {name} allows ({allowed})"
