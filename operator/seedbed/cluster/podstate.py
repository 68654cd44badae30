"""What a run's Job and its pods say about the attempt: pure, on the documents of the API server.

A run waits until its train step begins, whatever keeps it (a queue, a quota, no room, an image, the data),
and the sentence says which. It has ended when nothing of it is alive any more.
"""

from collections.abc import Sequence
from typing import Any

from seedbed.cluster.names import ATTEMPT_LABEL
from seedbed.cluster.podends import End, end_of, state, terminated
from seedbed.engine.instants import to_epoch
from seedbed.engine.observation import RunObservation

Document = dict[str, Any]

LOST_AFTER = 30.0  # seconds after the end of a deleted pod's grace: its node does not answer
_ON_THE_WAY = frozenset({"PodInitializing", "ContainerCreating", None})
_DOING = {
    "prepare": ("Preparing", "the dataset is being prepared"),
    "fetch": ("Fetching", "the data are being fetched"),
}


def observe_job(job: Document, pods: Sequence[Document], now: float, refused: str = "") -> RunObservation:
    """One attempt.

    Args:
        job: the Job.
        pods: the pods that it owns, in any order.
        now: seconds since the epoch.
        refused: why the Job controller could make no pod, from its event.
    """
    pod = latest(pods)
    if pod is None:
        return _without_pod(job, refused)
    if pod["status"].get("phase") in ("Succeeded", "Failed"):
        return _ended(job, pod, end_of(pod))
    if (lost := _lost(pod, now)) is not None:
        return _ended(job, pod, lost)
    train, attempt = state(pod, "train"), attempt_of(job)
    if "running" in train:
        since = to_epoch(train["running"]["startedAt"])
        return RunObservation(attempt, "Running", since=since, seconds=max(0.0, now - since))
    if terminated(pod, "train") is not None:
        # The run's deadline is training's: `since` now, or it would strike while the record is written.
        return RunObservation(attempt, "Running", since=now, seconds=_seconds(pod, job))
    reason, message = hindrance(pod)
    since = to_epoch(pod["metadata"]["creationTimestamp"])
    return RunObservation(attempt, "Waiting", since=since, reason=reason, message=message)


def attempt_of(job: Document) -> int:
    """The attempt that a Job is."""
    return int(job["metadata"]["labels"][ATTEMPT_LABEL])


def finished(job: Document) -> bool:
    """Whether a Job will make no pod any more."""
    return condition(job, "Complete") is not None or condition(job, "Failed") is not None


def condition(document: Document, kind: str) -> Document | None:
    """The condition of that type, if it is true."""
    for found in document.get("status", {}).get("conditions") or ():
        if found["type"] == kind and found["status"] == "True":
            return dict(found)
    return None


def latest(pods: Sequence[Document]) -> Document | None:
    """The pod that counts: one that was deleted by hand may have a successor."""
    return max(
        pods,
        key=lambda pod: (
            not pod["metadata"].get("deletionTimestamp"), pod["metadata"]["creationTimestamp"],
            pod["metadata"]["name"],
        ),
        default=None,
    )  # fmt: skip


def _without_pod(job: Document, refused: str) -> RunObservation:
    attempt, since = attempt_of(job), to_epoch(job["metadata"]["creationTimestamp"])
    if condition(job, "Complete"):
        return RunObservation(attempt, "Ended")
    if (failed := condition(job, "Failed")) is not None:
        why = failed.get("message") or "its Job failed"
        return RunObservation(
            attempt, "Ended", since, failure="Infrastructure", reason="PodLost",
            message=f"its pod is gone and left no word: {why}",
        )  # fmt: skip
    for changed in job.get("status", {}).get("conditions") or ():
        if changed["type"] == "Suspended":  # put into the queue again, or let out of it
            since = max(since, to_epoch(changed["lastTransitionTime"]))
    reason, message = explain_no_pod(job, refused)
    return RunObservation(attempt, "Waiting", since, reason=reason, message=message)


def explain_no_pod(job: Document, refused: str) -> tuple[str, str]:
    """Why a Job has no pod; reason and sentence."""
    if job["spec"].get("suspend"):
        queue = job["metadata"]["labels"].get("kueue.x-k8s.io/queue-name")
        return "Queued", f"waits in the queue {queue}" if queue else "its Job is suspended"
    if refused:
        reason = "QuotaExceeded" if "exceeded quota" in refused else "PodRefused"
        return reason, f"the namespace admits no pod for it: {refused}"
    return "Starting", "its pod is not made yet"


def hindrance(pod: Document) -> tuple[str, str]:
    """Why a pod that is not over has not got to its work; reason and sentence."""
    for found in pod["status"].get("conditions") or ():
        if found["type"] == "PodScheduled" and found["status"] == "False":
            return found.get("reason") or "Unschedulable", f"no node takes it: {found.get('message', '')}"
    for step in ("prepare", "fetch", "train", "score"):
        now = state(pod, step)
        waiting = now.get("waiting", {})
        if waiting.get("reason") not in _ON_THE_WAY:
            return waiting["reason"], _in_words(waiting)
        if "running" in now and step in _DOING:
            return _DOING[step]
    return "Starting", f"its pod starts on {pod['spec'].get('nodeName', 'a node')}"


def _in_words(waiting: Document) -> str:
    reason, message = waiting["reason"], waiting.get("message", "")
    if "Image" in reason:
        return f"its image can't be pulled: {message or reason}"
    return f"its container can't start: {message or reason}"


def _lost(pod: Document, now: float) -> End | None:
    """A pod that was to be gone by now: nobody on its node ends it."""
    until = pod["metadata"].get("deletionTimestamp")
    if until is None or now < to_epoch(until) + LOST_AFTER:
        return None
    node = pod["spec"].get("nodeName", "its node")
    return End("Infrastructure", "NodeLost", f"{node} does not answer: the pod on it can't be ended")


def _ended(job: Document, pod: Document, end: End) -> RunObservation:
    return RunObservation(
        attempt_of(job), "Ended", seconds=_seconds(pod, job), failure=end.failure, reason=end.reason,
        message=end.message,
    )  # fmt: skip


def _seconds(pod: Document, job: Document) -> float:
    """How long the train step ran; 0 when it is not known.

    A pod that was ended as a whole keeps its last states: the train step ran until the Job was found failed.
    """
    running, over = state(pod, "train").get("running"), terminated(pod, "train")
    if running is not None and (failed := condition(job, "Failed")) is not None:
        over = {**running, "finishedAt": failed["lastTransitionTime"]}
    if over is None or not over.get("startedAt") or not over.get("finishedAt"):
        return 0.0
    return max(0.0, to_epoch(over["finishedAt"]) - to_epoch(over["startedAt"]))
