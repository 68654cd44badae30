"""Finding what a command is about: the goal or Experiment that a name means in a folder or a namespace."""

import difflib
from collections.abc import Sequence
from typing import TypeVar

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.documents import Documents, Resources
from seedbed.errors import NotFound

Kind = TypeVar("Kind", bound=ResearchGoal | Experiment)


def find_goal(documents: Documents, name: str | None) -> ResearchGoal:
    """The goal of that name; without a name the only one there is.

    Raises:
        NotFound: there is none, or there are several and none was named.
    """
    goals = documents.read_all(ResearchGoal)
    if name is None:
        return _only(documents, goals)
    for goal in goals:
        if goal.metadata.name == name:
            return goal
    if documents.read(Experiment, name) is not None:
        raise NotFound(f"{name} is an Experiment, and this command is for goals; there are: {_names(goals)}")
    raise NotFound(_missing(documents, name, goals))


def find(documents: Documents, name: str | None) -> ResearchGoal | Experiment:
    """The goal or else the Experiment of that name; without a name the only goal or Experiment by itself.

    Raises:
        NotFound: there is none, or there are several and none was named.
    """
    goals, experiments = documents.read_all(ResearchGoal), documents.read_all(Experiment)
    alone = [experiment for experiment in experiments if experiment.spec.goal is None]
    if name is None:
        both: list[ResearchGoal | Experiment] = [*goals, *alone]
        return _only(documents, both)
    resources: list[ResearchGoal | Experiment] = [*goals, *experiments]
    for resource in resources:
        if resource.metadata.name == name:
            return resource
    raise NotFound(_missing(documents, name, [*goals, *alone]))


def find_experiment(documents: Documents, name: str) -> Experiment:
    """The Experiment of that name, a goal's or one by itself.

    Raises:
        NotFound: there is none, or it is a goal.
    """
    found = find(documents, name)
    if isinstance(found, Experiment):
        return found
    made = _names(experiments_of(documents, found))
    raise NotFound(f"{name} is a goal, and this command is for Experiments; it made: {made}")


def experiments_of(documents: Resources, goal: ResearchGoal) -> list[Experiment]:
    """The experiments that this very goal made, by name."""
    uid = goal.metadata.uid
    found = documents.read_all(Experiment)
    return [each for each in found if any(owner.uid == uid for owner in each.metadata.owner_references)]


def _only(documents: Documents, resources: list[Kind]) -> Kind:
    if not resources:
        raise NotFound(f"there is nothing in {documents.place} yet: {documents.beginning}")
    if len(resources) > 1:
        raise NotFound(f"there are several in {documents.place}, name one of: {_names(resources)}")
    return resources[0]


def _missing(documents: Documents, name: str, resources: Sequence[ResearchGoal | Experiment]) -> str:
    if not resources:
        return f"there is no {name} in {documents.place}: it is empty"
    near = difflib.get_close_matches(name, [each.metadata.name for each in resources], 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {_names(resources)}"
    return f"there is no {name} in {documents.place}; {hint}"


def _names(resources: Sequence[ResearchGoal | Experiment]) -> str:
    """At most a dozen of their names."""
    names = [resource.metadata.name for resource in resources]
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more if names else "none"
