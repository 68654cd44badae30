"""Jobs and pods as a real cluster reported them (recorded.json)."""

import copy
import json
from pathlib import Path

import pytest

from seedbed.cluster.podstate import finished, latest, observe_job
from seedbed.engine.instants import to_epoch

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())
NOW = to_epoch("2026-11-23T18:11:00Z")


def seen(case, now=NOW, refused="", pods=None, **job):
    found = copy.deepcopy(RECORDED[case])
    found["job"] = {**found["job"], **job}
    return observe_job(found["job"], found["pods"] if pods is None else pods, now, refused)


@pytest.mark.parametrize(
    ("case", "reason", "message"),
    [
        (
            "no-room",
            "Unschedulable",
            "no node takes it: 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient nvidia.com/gpu.",
        ),
        ("no-secret", "CreateContainerConfigError", 'its container can\'t start: secret "absent" not found'),
        ("bad-image", "InvalidImageName", "its image can't be pulled: Failed to apply default image tag"),
        ("no-image", None, "its image can't be pulled: "),
    ],
)
def test_why_a_run_waits(case, reason, message):
    waiting = seen(case)
    assert waiting.phase == "Waiting" and waiting.message.startswith(message)
    assert waiting.reason == reason or reason is None and "Image" in waiting.reason
    assert to_epoch("2026-11-23T18:09:50Z") <= waiting.since <= to_epoch("2026-11-23T18:09:55Z")


def test_a_namespace_that_admits_no_pod():
    why = 'pods "x" is forbidden: exceeded quota: q, requested: requests.cpu=50m'
    waiting = seen("quota", refused=why)
    assert (waiting.phase, waiting.reason) == ("Waiting", "QuotaExceeded")
    assert waiting.message == f"the namespace admits no pod for it: {why}"
    assert seen("quota", refused="no").reason == "PodRefused"
    assert seen("quota").message == "its pod is not made yet"


def test_a_queue_that_lets_a_run_wait_again_starts_its_waiting_again():
    job = RECORDED["quota"]["job"]
    labels = job["metadata"]["labels"] | {"kueue.x-k8s.io/queue-name": "research"}
    changed = {"type": "Suspended", "status": "True", "lastTransitionTime": "2026-11-23T18:12:40Z"}
    waiting = seen(
        "quota", spec={"suspend": True}, metadata={**job["metadata"], "labels": labels},
        status={"conditions": [changed]},
    )  # fmt: skip
    assert (waiting.reason, waiting.message) == ("Queued", "waits in the queue research")
    assert waiting.since == to_epoch("2026-11-23T18:12:40Z")


def test_a_run_that_fetches_is_not_running_yet():
    pod = copy.deepcopy(RECORDED["deadline-fetch"]["pods"][0])
    pod["status"] |= {"phase": "Pending", "reason": None}
    waiting = seen("no-room", pods=[pod])
    assert (waiting.phase, waiting.reason) == ("Waiting", "Fetching")


def training():
    pod = copy.deepcopy(RECORDED["deadline"]["pods"][0])
    pod["status"] |= {"phase": "Pending", "reason": None}
    return pod


def test_a_run_that_trains():
    running = seen("no-room", pods=[training()])
    assert (running.phase, running.attempt) == ("Running", 1)
    assert running.since == to_epoch("2026-11-23T18:09:54Z") and running.seconds == NOW - running.since


def test_training_is_not_overdue_while_its_record_is_written():
    pod = copy.deepcopy(RECORDED["deadline-score"]["pods"][0])
    pod["status"] |= {"phase": "Running", "reason": None}
    scoring = seen("no-room", pods=[pod])
    assert (scoring.phase, scoring.since, scoring.seconds) == ("Running", NOW, 1.0)


@pytest.mark.parametrize(
    ("case", "failure", "reason", "seconds"),
    [
        ("done", None, "", 3.0),
        ("oom", "Model", "OutOfMemory", 7.0),
        ("out-full", "Model", "Disk", 0.0),
        ("fetch-75", "Infrastructure", "StoreUnreachable", 0.0),
    ],
)
def test_ends(case, failure, reason, seconds):
    ended = seen(case)
    assert (ended.phase, ended.failure, ended.reason, ended.seconds) == ("Ended", failure, reason, seconds)
    assert finished(RECORDED[case]["job"])


def test_training_that_ran_into_the_pods_deadline_ran_until_then():
    ended = seen("deadline")
    assert (ended.reason, ended.failure) == ("Deadline", "Model")
    assert 8.0 <= ended.seconds <= 20.0  # the kubelet keeps the last state, `running`


def test_a_job_whose_pod_is_gone():
    lost = seen("deleted-crash")
    assert (lost.phase, lost.failure, lost.reason) == ("Ended", "Infrastructure", "PodLost")
    done = seen("done", pods=[])
    assert (done.phase, done.failure) == ("Ended", None)


def test_a_deleted_pod_is_alive_until_its_node_ends_it():
    pod = RECORDED["deleted"]["pods"][0]
    until = to_epoch(pod["metadata"]["deletionTimestamp"])
    assert seen("deleted", now=until + 5).phase == "Running"
    lost = seen("deleted", now=until + 31)
    assert (lost.phase, lost.failure, lost.reason) == ("Ended", "Infrastructure", "NodeLost")
    assert lost.message == "node1 does not answer: the pod on it can't be ended"


def test_the_successor_of_a_deleted_pod_counts():
    old, new = RECORDED["deleted"]["pods"][0], training()
    assert latest([old, new]) is new and latest([new, old]) is new
    assert latest([]) is None
    assert not finished(RECORDED["deleted"]["job"])
