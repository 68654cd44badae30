"""What the operator hears of the cluster: kopf watches, and every event only adds keys to the work queue.

kopf is the informer and nothing else: it stores no state on a resource, adds no finalizer, posts no event,
and looks neither for peers nor for new kinds of resources. Jobs and pods are narrowed down by the server to
those that this operator labels; a pod's event says within seconds why a run does not start.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import kopf

from seedbed.api import GROUP, VERSION
from seedbed.api.goal import FINISHED
from seedbed.cluster import lease, names

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
        prepared: hears the namespace in which a dataset's preparation went on: it may concern many.
        alive: hears the namespace whose Lease came back through the watch.
    """

    def __init__(
        self, add: Callable[[Key], None], prepared: Callable[[str], None], alive: Callable[[str], None]
    ) -> None:
        self._add, self._prepared, self._alive = add, prepared, alive
        self._families = Families()

    def goal(self, namespace: str, name: str, body: Mapping[str, Any]) -> None:
        """A goal changed: so may what its experiments are to do."""
        self._add(Key("ResearchGoal", namespace, name))
        finished = body.get("status", {}).get("phase") in FINISHED
        for experiment in self._families.concerned(namespace, name, finished):
            self._add(Key("Experiment", namespace, experiment))

    def experiment(self, namespace: str, name: str, body: Mapping[str, Any], gone: bool) -> None:
        """An experiment changed: so may what its goal decides."""
        self._add(Key("Experiment", namespace, name))
        goal = body.get("spec", {}).get("goal")
        if isinstance(goal, str):
            if gone:
                self._families.gone(namespace, goal, name)
            else:
                self._families.heard(namespace, goal, name, body.get("status", {}).get("phase") in OVER)
            self._add(Key("ResearchGoal", namespace, goal))

    def job_or_pod(self, namespace: str, labels: dict[str, str]) -> None:
        """A Job of ours, or its pod, changed."""
        if experiment := labels.get(names.EXPERIMENT_LABEL):
            self._add(Key("Experiment", namespace, experiment))
        else:
            self._prepared(namespace)

    def lease(self, namespace: str) -> None:
        """A Lease was renewed: the watch is alive."""
        self._alive(namespace)


def registry_of(ears: Ears) -> kopf.OperatorRegistry:
    """The handlers; they are coroutines, since a plain function would run in another thread."""
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(kopf.login_via_client)

    @kopf.on.event(GROUP, VERSION, "researchgoals", registry=registry)
    async def goal(namespace: str | None, name: str, body: Any, **_: Any) -> None:
        ears.goal(str(namespace), name, body)

    @kopf.on.event(GROUP, VERSION, "experiments", registry=registry)
    async def experiment(namespace: str | None, name: str, body: Any, type: str | None, **_: Any) -> None:
        ears.experiment(str(namespace), name, body, gone=type == "DELETED")

    @kopf.on.event("batch", "v1", "jobs", registry=registry)
    @kopf.on.event("", "v1", "pods", registry=registry)
    async def job_or_pod(namespace: str | None, labels: Any, **_: Any) -> None:
        ears.job_or_pod(str(namespace), labels)

    @kopf.on.event(lease.GROUP, lease.VERSION, lease.PLURAL, registry=registry)
    async def renewed(namespace: str | None, **_: Any) -> None:
        ears.lease(str(namespace))

    return registry


def kopf_settings() -> kopf.OperatorSettings:
    """Have kopf reduced to watching."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.networking.error_backoffs = (1, 1, 2, 3, 5, 8, 13, *[20] * 30)  # ten minutes of a server's 5xx
    settings.watching.label_selectors["batch", "v1", "jobs"] = names.KIND_LABEL
    settings.watching.label_selectors["", "v1", "pods"] = names.KIND_LABEL
    settings.watching.field_selectors[lease.GROUP, lease.VERSION, lease.PLURAL] = (
        f"metadata.name={lease.NAME}"
    )
    return settings
