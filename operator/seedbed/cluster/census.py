"""What there is now, as the operator last read it: a few numbers for each goal and experiment.

Fed by every read and write of the resources (`measuring`), so that it is whole as soon as everything was
looked at once, which a gained Lease brings about; nothing is listed for a scrape. What is gone leaves with
the read that misses it, at the latest with the next resync.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.cluster.spending import Spent, spent_by
from seedbed.engine.instants import to_epoch
from seedbed.engine.observation import RunObservation


@dataclass(frozen=True)
class Entry:
    """One resource: its phase, its status' size in bytes, when it last changed as far as it says so."""

    version: str
    phase: str
    size: int
    changed: float = 0.0
    spent: Spent = Spent({})


@dataclass(frozen=True)
class Live:
    """An experiment's attempts under way: since when each waits (seconds since the epoch), how many run."""

    waiting: tuple[float, ...] = ()
    running: int = 0


class Census:
    """Entries by kind and namespace, then by name."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[str, Entry]] = {}
        self._live: dict[str, dict[str, Live]] = {}
        self._progress: dict[str, float] = {}

    def saw(self, resource: ResearchGoal | Experiment) -> None:
        """A resource was read or written."""
        meta = resource.metadata
        there = self._entries.setdefault((resource.kind, meta.namespace), {})
        known = there.get(meta.name)
        if known is None or known.version != meta.resource_version:
            there[meta.name] = _entry(resource)

    def gone(self, kind: str, namespace: str, name: str) -> None:
        """A resource is not there."""
        self._entries.get((kind, namespace), {}).pop(name, None)
        if kind == "Experiment":
            self._live.get(namespace, {}).pop(name, None)

    def listed(self, kind: str, namespace: str, names: Collection[str]) -> None:
        """These are all of a kind in a namespace."""
        for name in self._entries.get((kind, namespace), {}).keys() - set(names):
            self.gone(kind, namespace, name)

    def observed(self, experiment: Experiment, runs: Mapping[int, RunObservation]) -> None:
        """The attempts of an experiment were looked at."""
        waiting = tuple(run.since for run in runs.values() if run.phase == "Waiting")
        running = sum(run.phase == "Running" for run in runs.values())
        meta = experiment.metadata
        self._live.setdefault(meta.namespace, {})[meta.name] = Live(waiting, running)

    def progressed(self, namespace: str, now: float) -> None:
        """Something in a namespace came to another state."""
        self._progress[namespace] = now

    def forget(self, namespace: str) -> None:
        """A namespace is no more."""
        for kind, place in list(self._entries):
            if place == namespace:
                del self._entries[kind, place]
        self._live.pop(namespace, None)
        self._progress.pop(namespace, None)

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Whether a resource was there when it was last looked for."""
        return name in self._entries.get((kind, namespace), {})

    def entries(self, kind: str, namespace: str) -> Iterable[Entry]:
        """Those of a kind in a namespace."""
        return self._entries.get((kind, namespace), {}).values()

    def live(self, namespace: str) -> Iterator[Live]:
        """The attempts under way in a namespace, by experiment."""
        there = self._entries.get(("Experiment", namespace), {})
        return (live for name, live in self._live.get(namespace, {}).items() if name in there)

    def last_progress(self, namespace: str) -> float:
        """When something there last came to another state, in seconds since the epoch; 0: never."""
        told = (goal.changed for goal in self.entries("ResearchGoal", namespace))
        return max(self._progress.get(namespace, 0.0), *told, 0.0)


def _entry(resource: ResearchGoal | Experiment) -> Entry:
    version, status = resource.metadata.resource_version, resource.status
    size = len(status.model_dump_json(by_alias=True, exclude_none=True).encode())
    if isinstance(resource, Experiment):
        return Entry(version, status.phase, size)
    return Entry(version, status.phase, size, _last_change(resource.status), spent_by(resource))


def _last_change(status: GoalStatus) -> float:
    """The latest instant that a goal's status names: what is known of its progress after a restart."""
    told = [status.start_time, status.finish_time, *(each.time for each in status.decisions)]
    told += [condition.last_transition_time for condition in status.conditions]
    return max((to_epoch(text) for text in told if text), default=0.0)
