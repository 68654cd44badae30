"""What a dataset's preparing Job says: pure, on the documents of the API server.

Only bad input (exit code 2) is the end of it, until the Job would be made differently. Everything else is
somebody's to put right, or passes by itself: said in a sentence, and tried again after a pause that grows.
"""

from collections.abc import Sequence

from seedbed.cluster.names import HASH_ANNOTATION
from seedbed.cluster.podends import BAD_INPUT, TEMPORARY, Document, end_of, terminated, told
from seedbed.cluster.podstate import attempt_of, condition, explain_no_pod, finished, hindrance, latest
from seedbed.engine.instants import to_epoch
from seedbed.engine.observation import Preparation

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0
_ON_THE_WAY = frozenset({"Starting", "Preparing", "Queued"})


def observe_prepare_job(
    job: Document | None, pods: Sequence[Document], now: float, refused: str = "", wanted: str | None = None
) -> Preparation:
    """How far a dataset is whose card is not in the store.

    Args:
        job: the preparing Job, if there is one.
        pods: the pods that it owns.
        now: seconds since the epoch.
        refused: as for a run's Job.
        wanted: the hash that a Job has which is made today. One that something keeps from starting, or that
            found its input bad, is begun anew when it has another: an image, a node selector or a mirror was
            put right since.
    """
    if job is None or condition(job, "Complete"):
        return Preparation("Absent")
    pod = latest(pods)
    if not finished(job):
        reason, message = hindrance(pod) if pod else explain_no_pod(job, refused)
        if reason not in _ON_THE_WAY and _outdated(job, wanted, now):
            return Preparation("Absent")
        return Preparation("Running", message=message, reason=reason)
    over = terminated(pod, "prepare") if pod else None
    if over is not None and over["exitCode"] == BAD_INPUT:
        if _outdated(job, wanted, now):
            return Preparation("Absent")
        return Preparation(
            "Failed", message=told(over)[1] or "the dataset can't be prepared as it is asked for"
        )
    if now >= again_at(job):
        return Preparation("Absent")
    reason, message = _failure(pod, over)
    return Preparation("Blocked", message=message, reason=reason)


def again_at(job: Document) -> float:
    """When a failed preparation is tried again, in seconds since the epoch."""
    failed = condition(job, "Failed") or {}
    return to_epoch(failed["lastTransitionTime"]) + _pause(attempt_of(job))


def _outdated(job: Document, wanted: str | None, now: float) -> bool:
    """Whether a Job would be made differently today.

    The pause is for two profiles, neither of which works: they would take the one Job from each other.
    """
    made_for = (job["metadata"].get("annotations") or {}).get(HASH_ANNOTATION)
    rested = now >= to_epoch(job["metadata"]["creationTimestamp"]) + _pause(attempt_of(job) - 1)
    return wanted is not None and made_for != wanted and rested


def _pause(attempt: int) -> float:
    return float(min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE))


def _failure(pod: Document | None, over: Document | None) -> tuple[str, str]:
    if pod is None:
        return "PodLost", "the pod that prepared the dataset is gone and left no word"
    if over is None:
        end = end_of(pod)
        return end.reason, end.message
    if over.get("reason") == "OOMKilled":
        return "OutOfMemory", "preparing the dataset needs more memory than the profile's prepare.memory"
    reason, message = told(over)
    if over["exitCode"] != TEMPORARY:
        message = f"preparing the dataset ended with exit code {over['exitCode']}: {message or 'no word'}"
    return reason or "PreparationFailed", message or "preparing the dataset failed for the time being"
