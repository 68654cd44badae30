"""Finding what a command is about: the folder, and the goal or Experiment that a name means in it."""

import difflib
import time
from collections.abc import Sequence
from typing import TypeVar

from seedbed.api import Experiment, ResearchGoal
from seedbed.errors import NotFound, StorageFailed
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import Folder
from seedbed.local.settings import read_settings
from seedbed.local.store import FolderStore

Kind = TypeVar("Kind", bound=ResearchGoal | Experiment)


def open_store(folder: str | None) -> FolderStore:
    """The documents of the folder that the flag, the environment or the config file names.

    Raises:
        StorageFailed: there is a file of that name.
    """
    root = read_settings(folder=folder).folder
    if root.exists() and not root.is_dir():
        raise StorageFailed(f"{root}: not a directory")
    return FolderStore(Folder(root))


def artifacts_of(store: FolderStore) -> FolderArtifacts:
    """The artifacts in the store's folder."""
    return FolderArtifacts(store.folder.artifacts)


def find_goal(store: FolderStore, name: str | None) -> ResearchGoal:
    """The goal of that name; without a name the only one there is.

    Raises:
        NotFound: there is none, or there are several and none was named.
    """
    goals = store.read_all(ResearchGoal)
    if name is None:
        return _only(store, goals)
    for goal in goals:
        if goal.metadata.name == name:
            return goal
    if store.read(Experiment, name) is not None:
        raise NotFound(f"{name} is an Experiment, and this command is for goals; there are: {_names(goals)}")
    raise NotFound(_missing(store, name, goals))


def find(store: FolderStore, name: str | None) -> ResearchGoal | Experiment:
    """The goal or else the Experiment of that name; without a name the only goal or Experiment by itself.

    Raises:
        NotFound: there is none, or there are several and none was named.
    """
    goals, experiments = store.read_all(ResearchGoal), store.read_all(Experiment)
    alone = [experiment for experiment in experiments if experiment.spec.goal is None]
    if name is None:
        both: list[ResearchGoal | Experiment] = [*goals, *alone]
        return _only(store, both)
    resources: list[ResearchGoal | Experiment] = [*goals, *experiments]
    for resource in resources:
        if resource.metadata.name == name:
            return resource
    raise NotFound(_missing(store, name, [*goals, *alone]))


def experiments_of(store: FolderStore, goal: ResearchGoal) -> list[Experiment]:
    """The experiments that this very goal made, by name."""
    uid = goal.metadata.uid
    found = store.read_all(Experiment)
    return [each for each in found if any(owner.uid == uid for owner in each.metadata.owner_references)]


def last_instant(store: FolderStore, name: str) -> float:
    """When a goal was last worked on, a second ago at most if it is now: the end of its working time."""
    last = store.folder.last_heartbeat(name)
    return time.time() if last is None else last


def _only(store: FolderStore, resources: list[Kind]) -> Kind:
    if not resources:
        raise NotFound(f"there is nothing in {store.folder.root} yet: begin with `research-agent init`")
    if len(resources) > 1:
        raise NotFound(f"there are several in {store.folder.root}, name one of: {_names(resources)}")
    return resources[0]


def _missing(store: FolderStore, name: str, resources: Sequence[ResearchGoal | Experiment]) -> str:
    if not resources:
        return f"there is no {name} in {store.folder.root}: it is empty"
    near = difflib.get_close_matches(name, [each.metadata.name for each in resources], 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {_names(resources)}"
    return f"there is no {name} in {store.folder.root}; {hint}"


def _names(resources: Sequence[ResearchGoal | Experiment]) -> str:
    """At most a dozen of their names."""
    names = [resource.metadata.name for resource in resources]
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more if names else "none"
