"""What the time of one attempt went into: pure, on the documents of its Job and its pods.

Kubernetes tells instants in whole seconds. Of a pod that is gone nothing is known, and nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.cluster.podends import Document, containers
from seedbed.cluster.podstate import condition, latest
from seedbed.engine.instants import to_epoch


@dataclass(frozen=True)
class Timings:
    """Seconds from the Job to a node, from there to the first step's start, from there to the last one's end.

    None is what did not happen, or is not known.
    """

    queued: float | None = None
    startup: float | None = None
    ran: float | None = None


def timings_of(job: Document, pods: Sequence[Document]) -> Timings:
    """Of an attempt whose Job has finished."""
    pod = latest(pods)
    scheduled = condition(pod, "PodScheduled") if pod else None
    if pod is None or scheduled is None:
        return Timings()
    made, placed = to_epoch(job["metadata"]["creationTimestamp"]), to_epoch(scheduled["lastTransitionTime"])
    states = [container.get("state") or {} for container in containers(pod).values()]
    begun = _instants([each.get("running") or each.get("terminated") or {} for each in states], "startedAt")
    ended = _instants([each.get("terminated") or {} for each in states], "finishedAt")
    return Timings(
        queued=placed - made,
        startup=min(begun) - placed if begun else None,
        ran=max(ended) - min(begun) if begun and ended else None,
    )


def _instants(states: Sequence[Document], field: str) -> list[float]:
    return [to_epoch(state[field]) for state in states if state.get(field)]
