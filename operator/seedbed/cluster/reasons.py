"""The reasons that may be a metric's label: a closed list, and `Other`.

Some reasons come from outside (a kubelet, a scheduler, a step's last words), and a label whose values nobody
bounds fills a Prometheus. The status keeps the reason as it was said.
"""

from typing import get_args

from seedbed.api.integrity import FindingType
from seedbed.engine.confirmation import NOT_ASSURED
from seedbed.engine.verdict import InconclusiveReason, NotAchievedReason
from seedbed_runner.contract.records import MODEL_FAILURES

OTHER = "Other"

_GOALS = {
    "Confirmed", *get_args(NotAchievedReason), *get_args(InconclusiveReason),
    "Undecidable", "DatasetChanged", "PreparationFailed",
}  # fmt: skip
_LOOKS = {"Futile", "NotReached", NOT_ASSURED}
_ATTEMPTS = {"StartDeadline", "RecordMissing"}
_FINDINGS = frozenset(get_args(FindingType))
_PODS = {
    "Evicted", "NodeLost", "NodeRestarted", "PodDeleted", "PodFailed", "PodLost", "StepOutOfMemory",
    "StepsDeadline", "VolumeFull", "FetchFailed", "ScoreFailed",
}  # fmt: skip
_KUBERNETES = {
    "DeletionByPodGC", "DeletionByTaintManager", "Disrupted", "EvictionByEvictionAPI", "NodeAffinity",
    "NodeShutdown", "OutOfcpu", "OutOfmemory", "OutOfpods", "PreemptionByKubeScheduler",
    "PreemptionByScheduler", "Preempting", "Shutdown", "Terminated", "TerminationByKubelet",
    "UnexpectedAdmissionError",
}  # fmt: skip
_STEPS = {
    "AccessDenied", "BadInput", "BadRecord", "BadRequest", "BadStore", "BucketMissing", "DataChanged",
    "DataMissing", "DiskFull", "FilesFailed", "Killed", "NoConditionalWrites", "NoCredentials",
    "StoreFailed", "StoreUnreachable", "SupervisorFailed", "WrongKey",
}  # fmt: skip

KNOWN = frozenset({*MODEL_FAILURES, *_GOALS, *_LOOKS, *_ATTEMPTS, *_PODS, *_KUBERNETES, *_STEPS, *_FINDINGS})


def classed(reason: str | None) -> str:
    """A reason as a label: itself if it is known, nothing if there is none."""
    if not reason:
        return ""
    return reason if reason in KNOWN else OTHER
