"""What the operator hears of the cluster: kopf watches, and every event only adds keys to the work queue.

Jobs and pods are narrowed down by the server to those that this operator labels; a pod's event says within
seconds why a run does not start. What comes in bursts is looked at once, after them, and what the operator's
own writes tell it back is looked at when there is time: of every reconcile the requests cost most (measured).
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import kopf

from seedbed.api import GROUP, VERSION
from seedbed.api.progress import FINISHED
from seedbed.cluster import lease, names
from seedbed.cluster.informer import login
from seedbed.engine.instants import to_epoch

WATCHED = ("researchgoals", "experiments", "jobs", "pods", lease.PLURAL)
TOGETHER = 0.1  # seconds; a run's end comes in a burst: its pod's, its Job's
YOUNG = 5.0  # seconds after a Job or pod was made, in which its steps come in bursts and nothing is urgent
STARTING = 0.9  # seconds; what is waited for then
ECHO = 0.5  # seconds until a status that the operator wrote is looked at again
OVER = frozenset({"Completed", "Dropped", "Failed", "Refused"})  # Superseded ones may come back


class Key(NamedTuple):
    """One resource that is to be looked at; `kind` is ResearchGoal or Experiment."""

    kind: str
    namespace: str
    name: str


class Families:
    """Which experiments a goal has, and which of them are over."""

    def __init__(self) -> None:
        self._over: defaultdict[tuple[str, str], dict[str, bool]] = defaultdict(dict)

    def heard(self, namespace: str, goal: str, experiment: str, over: bool) -> None:
        """An experiment of a goal was seen."""
        self._over[namespace, goal][experiment] = over

    def gone(self, namespace: str, goal: str, experiment: str) -> None:
        """An experiment of a goal was deleted."""
        family = self._over[namespace, goal]
        family.pop(experiment, None)
        if not family:
            del self._over[namespace, goal]

    def concerned(self, namespace: str, goal: str, finished: bool) -> list[str]:
        """Those that a change of the goal may concern: all when it is finished, else those under way."""
        family = self._over.get((namespace, goal), {})
        return sorted(name for name, over in family.items() if finished or not over)


class Ears:
    """Turns each event into keys.

    Args:
        add: takes a key to look at.
        add_after: takes one to look at in so many seconds, and whether it is to overtake what is not urgent.
        prepared: hears the namespace in which a dataset's preparation went on: it may concern many.
        alive: hears the namespace whose Lease came back through the watch.
    """

    def __init__(
        self, add: Callable[[Key], None], add_after: Callable[[Key, float, bool], None],
        prepared: Callable[[str], None], alive: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._add, self._add_after, self._prepared, self._alive = add, add_after, prepared, alive
        self._clock = clock
        self._families = Families()

    def goal(self, namespace: str, name: str, body: Mapping[str, Any]) -> None:
        """A goal changed: so may what its experiments are to do."""
        self._add(Key("ResearchGoal", namespace, name))
        finished = body.get("status", {}).get("phase") in FINISHED
        for experiment in self._families.concerned(namespace, name, finished):
            self._add(Key("Experiment", namespace, experiment))

    def experiment(self, namespace: str, name: str, body: Mapping[str, Any], gone: bool) -> None:
        """An experiment changed: so may what its goal decides. Most changes are the operator's own."""
        if not gone and _told(body):
            self._add_after(Key("Experiment", namespace, name), ECHO, False)
        else:
            self._add(Key("Experiment", namespace, name))
        goal = body.get("spec", {}).get("goal")
        if isinstance(goal, str):
            if gone:
                self._families.gone(namespace, goal, name)
            else:
                self._families.heard(namespace, goal, name, body.get("status", {}).get("phase") in OVER)
            self._add(Key("ResearchGoal", namespace, goal))

    def job_or_pod(self, namespace: str, metadata: Mapping[str, Any]) -> None:
        """A Job of ours, or its pod, changed; of one that is over nothing is to be learnt."""
        labels = metadata.get("labels") or {}
        if labels.get(names.OVER_LABEL):
            return
        if experiment := labels.get(names.EXPERIMENT_LABEL):
            young = self._clock() - to_epoch(metadata["creationTimestamp"]) < YOUNG
            wait = STARTING if young else TOGETHER
            self._add_after(Key("Experiment", namespace, experiment), wait, not young)
        else:
            self._prepared(namespace)

    def lease(self, namespace: str) -> None:
        """A Lease was renewed: the watch is alive."""
        self._alive(namespace)


def _told(body: Mapping[str, Any]) -> bool:
    """Whether an experiment's status is of its present spec: so what changed is the status."""
    generation = body.get("metadata", {}).get("generation")
    return generation is not None and generation == body.get("status", {}).get("observedGeneration")


def registry_of(
    ears: Ears,
    heard: Callable[[str], None] = lambda resource: None,
    newest: Callable[[str, str], None] = lambda resource, version: None,
) -> kopf.OperatorRegistry:
    """The handlers; they are coroutines, since a plain function would run in another thread.

    `heard` takes the plural of each event's resource, one of WATCHED; `newest` that of Jobs and pods, and the
    version that the event is about.
    """
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(login)

    @kopf.on.event(GROUP, VERSION, "researchgoals", registry=registry)
    async def goal(namespace: str | None, name: str, body: Any, **_: Any) -> None:
        heard("researchgoals")
        ears.goal(str(namespace), name, body)

    @kopf.on.event(GROUP, VERSION, "experiments", registry=registry)
    async def experiment(namespace: str | None, name: str, body: Any, type: str | None, **_: Any) -> None:
        heard("experiments")
        ears.experiment(str(namespace), name, body, gone=type == "DELETED")

    @kopf.on.event("batch", "v1", "jobs", registry=registry)
    @kopf.on.event("", "v1", "pods", registry=registry)
    async def job_or_pod(namespace: str | None, meta: Any, resource: kopf.Resource, **_: Any) -> None:
        heard(resource.plural)
        newest(resource.plural, meta["resourceVersion"])
        ears.job_or_pod(str(namespace), meta)

    @kopf.on.event(lease.GROUP, lease.VERSION, lease.PLURAL, registry=registry)
    async def renewed(namespace: str | None, **_: Any) -> None:
        heard(lease.PLURAL)
        ears.lease(str(namespace))

    return registry
