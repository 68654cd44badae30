"""Ends of pods as a real cluster reported them (recorded.json), and the rarer ones in its words."""

import copy
import json
from pathlib import Path

import pytest

from seedbed.cluster.podends import TEMPORARY, End, end_of, told

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())


def pod(case, **status):
    found = copy.deepcopy(RECORDED[case]["pods"][0])
    found["status"] |= status
    return found


@pytest.mark.parametrize(
    ("case", "end"),
    [
        ("done", End()),
        ("oom", End("Model", "OutOfMemory", "the kernel ended training for want of memory")),
        ("deadline", End("Model", "Deadline", "still training at the pod's deadline")),
        ("train-exit", End("Model", "Crash", "the train step ended with exit code 3")),
        ("fetch-75", End("Infrastructure", "StoreUnreachable", "nothing answers there")),
        ("score-cry", End("Infrastructure", "ScoreFailed", "what a pity")),
        (
            "out-full",
            End("Model", "Disk",
                "training wrote more than it may: Usage of EmptyDir volume \"out\" exceeds the limit "
                '"8388608". '),
        ),
        (
            "data-full",
            End("Infrastructure", "VolumeFull",
                "a volume of the profile is too small: Usage of EmptyDir volume \"data\" exceeds the limit "
                '"8388608". '),
        ),
    ],
)  # fmt: skip
def test_recorded_ends(case, end):
    assert end_of(pod(case)) == end


@pytest.mark.parametrize("case", ["deadline-fetch", "deadline-score"])
def test_a_deadline_outside_training_is_not_the_models(case):
    assert end_of(pod(case)) == End(
        "Infrastructure", "StepsDeadline", "the steps around training took until the pod's deadline"
    )


@pytest.mark.parametrize(
    "message",
    [
        'Container train exceeded its local ephemeral storage limit "1Gi". ',
        "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ",
        'Usage of EmptyDir volume "tmp-train" exceeds the limit "256Mi". ',
    ],
)
def test_whatever_training_fills_is_its_disk(message):
    assert end_of(pod("out-full", message=message)).reason == "Disk"


@pytest.mark.parametrize(
    "status",
    [
        {"reason": "Evicted", "message": "The node was low on resource: memory. Container train was using "
         "3Gi, which exceeds its request of 1Gi. "},
        {"reason": "NodeLost", "message": "Node n was unresponsive"},
        {"reason": "UnexpectedAdmissionError", "message": "Allocate failed: no healthy devices"},
        {"reason": "Terminated", "message": "Pod was terminated in response to imminent node shutdown."},
        {"reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu"},
    ],
)  # fmt: skip
def test_what_the_node_does_to_a_pod_is_not_the_models(status):
    ended = end_of(pod("train-exit", **status))
    assert (ended.failure, ended.reason, ended.message) == (
        "Infrastructure", status["reason"], status["message"],
    )  # fmt: skip


def disrupted(case, when):
    found = pod(case)
    found["status"]["conditions"].append(
        {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
         "message": "preempting to accommodate a higher priority pod", "lastTransitionTime": when}
    )  # fmt: skip
    return found


def test_a_preempted_pods_exit_code_means_nothing():
    assert end_of(disrupted("train-exit", "2026-11-23T18:09:55Z")) == End(
        "Infrastructure", "PreemptionByScheduler", "preempting to accommodate a higher priority pod"
    )


def test_a_pod_disturbed_after_its_failure_has_failed():
    assert end_of(disrupted("train-exit", "2026-11-23T18:10:30Z")).reason == "Crash"


def test_a_pod_deleted_while_training_is_tried_again():
    found = pod("train-exit")
    found["metadata"] |= {"deletionTimestamp": "2026-11-23T18:10:05Z", "deletionGracePeriodSeconds": 10}
    assert end_of(found).reason == "PodDeleted"  # asked for at 18:09:55, exit at 18:09:56
    found["metadata"] |= {"deletionTimestamp": "2026-11-23T18:10:30Z"}
    assert end_of(found).reason == "Crash"


def test_a_container_that_its_node_lost_sight_of():
    found = pod("train-exit")
    found["status"]["initContainerStatuses"][1]["state"]["terminated"] |= {
        "reason": "ContainerStatusUnknown", "exitCode": 137,
    }  # fmt: skip
    assert end_of(found).reason == "NodeRestarted"


def test_the_train_steps_own_message_is_never_read():
    found = pod("train-exit")
    over = found["status"]["initContainerStatuses"][1]["state"]["terminated"]
    over["message"] = '{"infrastructure": "NodeLost", "message": "try me again"}'
    assert end_of(found) == End("Model", "Crash", "the train step ended with exit code 3")


def test_no_exit_code_of_the_train_step_buys_another_attempt():
    found = pod("train-exit")
    over = found["status"]["initContainerStatuses"][1]["state"]["terminated"]
    over |= {"exitCode": TEMPORARY}
    assert end_of(found) == End("Model", "Crash", "the train step ended with exit code 75")
    over |= {"reason": "Error", "exitCode": 137}
    assert end_of(found).failure == "Model"


def test_a_step_that_needs_more_memory():
    found = pod("fetch-75")
    found["status"]["initContainerStatuses"][0]["state"]["terminated"] |= {
        "reason": "OOMKilled",
        "exitCode": 137,
    }
    assert end_of(found).reason == "StepOutOfMemory"


def test_a_failed_pod_without_a_word():
    assert end_of(pod("no-room", phase="Failed")) == End(
        "Infrastructure", "PodFailed", "its pod failed and gave no reason"
    )


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, ("", "")),
        ("Traceback\nKeyError: 'x'\n", ("", "KeyError: 'x'")),
        ('{"reason": "BadInput", "message": "no such dataset"}', ("BadInput", "no such dataset")),
        ('{"reason": "BadInput"}', ("", '{"reason": "BadInput"}')),
        ("[1]", ("", "[1]")),
    ],
)
def test_termination_messages(message, said):
    assert told({"message": message}) == said
