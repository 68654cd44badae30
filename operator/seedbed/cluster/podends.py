"""Why a pod that is over has ended, and whose fault that is: pure, on the documents of the API server.

Infrastructure is worth another attempt; Model is a result. What happened to the pod comes before what its
containers say: of a disturbed pod no exit code means anything.

Of the train step neither message nor exit code is believed: what it trains runs beside its supervisor as the
same user, so that any exit can be the model's work (a child that ends itself by SIGKILL makes the supervisor
exit with 75, as for a machine's failure). Were that worth another attempt, a model could buy itself a second
try at a seed. So it is the model's failure unless the pod was disturbed; what really was the machine's costs
one failed seed, which is the safe side.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from seedbed.engine.instants import to_epoch

Document = dict[str, Any]

TEMPORARY = 75  # exit code of a trusted step that something around it failed (EX_TEMPFAIL)
BAD_INPUT = 2
MESSAGE = 240  # characters that fit into a status

# The kubelet's words when a pod broke its own limit; it says "The node was low" when it is the node's need.
_OWN_LIMIT = (
    re.compile(r'Usage of EmptyDir volume "(?P<place>[^"]+)" exceeds the limit'),
    re.compile(r"Container (?P<place>\S+) exceeded its local ephemeral storage limit"),
    re.compile(r"Pod (?P<place>ephemeral local storage) usage exceeds the total limit"),
)
_TRAINED = frozenset({"out", "tmp-train", "train", "ephemeral local storage"})


@dataclass(frozen=True)
class End:
    """How a pod ended; without a failure its last step said that all is done."""

    failure: Literal["Infrastructure", "Model"] | None = None
    reason: str = ""
    message: str = ""


def end_of(pod: Document) -> End:
    """How a pod in phase Succeeded or Failed came to that."""
    if pod["status"].get("phase") == "Succeeded":
        return End()
    return _evicted(pod) or _disturbed(pod) or _overdue(pod) or _step_failed(pod)


def _evicted(pod: Document) -> End | None:
    """An eviction for what the pod itself wrote; its containers' states are gone."""
    status = pod["status"]
    if status.get("reason") != "Evicted":
        return None
    message = status.get("message", "")
    found = next((match for limit in _OWN_LIMIT if (match := limit.search(message))), None)
    if found is None:
        return End("Infrastructure", "Evicted", message)
    if found["place"] in _TRAINED:
        return End("Model", "Disk", f"training wrote more than it may: {message}")
    return End("Infrastructure", "VolumeFull", f"a volume of the profile is too small: {message}")


def _disturbed(pod: Document) -> End | None:
    """Ended by the cluster: deleted, preempted, drained, not admitted by its node, its node gone."""
    meta, status = pod["metadata"], pod["status"]
    if status.get("reason") not in (None, "", "DeadlineExceeded", "Evicted"):
        return End("Infrastructure", status["reason"], status.get("message", ""))
    begun = []
    for condition in status.get("conditions", ()):
        if condition["type"] == "DisruptionTarget" and condition["status"] == "True":
            when = to_epoch(condition["lastTransitionTime"])
            begun.append((when, condition.get("reason", "Disrupted"), condition.get("message", "")))
    if meta.get("deletionTimestamp"):
        when = to_epoch(meta["deletionTimestamp"]) - (meta.get("deletionGracePeriodSeconds") or 0)
        begun.append((when, "PodDeleted", "its pod was deleted"))
    trained = terminated(pod, "train")
    lost = trained is not None and trained.get("reason") == "ContainerStatusUnknown"
    if lost:
        return End("Infrastructure", "NodeRestarted", "its node lost sight of the training container")
    if not begun:
        return None
    when, reason, message = min(begun)
    if trained and trained["exitCode"] != 0 and to_epoch(trained["finishedAt"]) < when:
        return None  # it had failed before
    return End("Infrastructure", reason, message)


def _overdue(pod: Document) -> End | None:
    """Ended by the pod's deadline, which stands behind the supervisor's own."""
    if pod["status"].get("reason") != "DeadlineExceeded":
        return None
    train, over = state(pod, "train"), terminated(pod, "train")
    if "running" in train or (over is not None and over["exitCode"] != 0):
        return End("Model", "Deadline", "still training at the pod's deadline")
    return End("Infrastructure", "StepsDeadline", "the steps around training took until the pod's deadline")


def _step_failed(pod: Document) -> End:
    """The first step that did not go through."""
    for step, over in _failed(pod):
        code = over["exitCode"]
        if step == "train":
            if over.get("reason") == "OOMKilled":
                return End("Model", "OutOfMemory", "the kernel ended training for want of memory")
            return End("Model", "Crash", f"the train step ended with exit code {code}")
        reason, message = told(over)
        if over.get("reason") == "OOMKilled":
            reason, message = "StepOutOfMemory", f"the {step} step needs more memory than it has"
        return End(
            "Infrastructure", reason or f"{step.capitalize()}Failed",
            message or f"the {step} step ended with exit code {code}",
        )  # fmt: skip
    message = pod["status"].get("message") or "its pod failed and gave no reason"
    return End("Infrastructure", "PodFailed", message)


def _failed(pod: Document) -> Iterator[tuple[str, Document]]:
    for name, container in containers(pod).items():
        over = container.get("state", {}).get("terminated")
        if over is not None and over["exitCode"] != 0:
            yield name, over


def told(over: Document) -> tuple[str, str]:
    """Reason and sentence of a trusted step's termination message, else the last line that it printed."""
    text = (over.get("message") or "").strip()
    try:
        said = json.loads(text)
        return str(said.get("infrastructure") or said["reason"])[:64], str(said["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", text.splitlines()[-1] if text else ""


def containers(pod: Document) -> dict[str, Document]:
    """The containers' statuses by name, in the order of the steps."""
    status = pod["status"]
    found = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return {container["name"]: container for container in found}


def state(pod: Document, step: str) -> Document:
    """`{"waiting" | "running" | "terminated": …}` of a step; empty when nothing is known."""
    found: Document = containers(pod).get(step, {}).get("state") or {}
    return found


def terminated(pod: Document, step: str) -> Document | None:
    """How a step ended, if it has."""
    return state(pod, step).get("terminated")
