"""Names, labels and keys of what the operator makes: who computes them twice must get the same.

A Job's name holds everything that tells one attempt from another, so that the API server itself refuses the
second of two equal ones. Labels are for selecting; what belongs to whom is told by owner references.
"""

from seedbed.api import Experiment
from seedbed_runner.contract.hashing import bytes_hash, content_hash
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.contract.stores import dataset_prefix

GOAL_LABEL = "seedbed.dev/goal"
EXPERIMENT_LABEL = "seedbed.dev/experiment"
SEED_LABEL = "seedbed.dev/seed"
ATTEMPT_LABEL = "seedbed.dev/attempt"
KIND_LABEL = "seedbed.dev/kind"  # `run` or `prepare`: on every Job of ours, and on no other
DATASET_LABEL = "seedbed.dev/dataset"
OVER_LABEL = "seedbed.dev/over"  # on a run's Job once its outcome is in status: nobody waits for it any more
HASH_ANNOTATION = "seedbed.dev/hash"

MAX_JOB_NAME = 63  # it becomes a label of the pod


def run_job_name(experiment: str, uid: str, seed: int, attempt: int) -> str:
    """`<experiment>-s<seed>-a<attempt>-<8 hex of the experiment's UID>`, its first part cut to fit."""
    tail = f"-s{seed}-a{attempt}-{uid.replace('-', '')[:8]}"
    return experiment[: MAX_JOB_NAME - len(tail)] + tail


def prepare_job_name(dataset_key: str, store: str) -> str:
    """One name a dataset and store: what is prepared into one store is of no use to another."""
    return f"prepare-{dataset_key}-{bytes_hash(store.encode())[7:15]}"


def card_key(namespace: str, dataset_key: str) -> str:
    """Where a prepared dataset's card is kept; it vouches for the rest."""
    return f"{dataset_prefix(namespace, dataset_key)}/public/card.json"


def run_labels(experiment: Experiment, seed: int, attempt: int) -> dict[str, str]:
    """The labels of a run's Job and pod."""
    labels = {
        KIND_LABEL: "run",
        EXPERIMENT_LABEL: experiment.metadata.name,
        SEED_LABEL: str(seed),
        ATTEMPT_LABEL: str(attempt),
    }
    return labels | ({GOAL_LABEL: experiment.spec.goal} if experiment.spec.goal else {})


def request_hash(request: RunRequest) -> str:
    """What an attempt's Job was made for: two Jobs of one hash run the same."""
    return content_hash(request.to_json().decode())
