import copy
import json
from pathlib import Path

import pytest

from seedbed.cluster.preparation import again_at, observe_prepare_job
from seedbed.engine.instants import to_epoch

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())
FAILED = to_epoch("2026-11-23T18:10:00Z")


def prepared(case, attempt=1, over=None, now=FAILED + 1):
    """A recorded run as the preparation that it resembles: its first step plays `prepare`."""
    found = copy.deepcopy(RECORDED[case])
    job, (pod,) = found["job"], found["pods"]
    job["metadata"]["labels"]["seedbed.dev/attempt"] = str(attempt)
    for condition in job["status"].get("conditions", ()):
        condition["lastTransitionTime"] = "2026-11-23T18:10:00Z"
    if first := pod["status"].get("initContainerStatuses"):
        first[0]["name"] = "prepare"
        if over:
            first[0]["state"]["terminated"] |= over
        pod["status"] |= {"containerStatuses": first[:1], "initContainerStatuses": []}
    return observe_prepare_job(job, [pod], now)


def test_nothing_is_prepared_before_somebody_asks():
    assert observe_prepare_job(None, [], 0.0).phase == "Absent"


def test_a_finished_job_without_a_card_is_no_preparation():
    assert observe_prepare_job(RECORDED["done"]["job"], [], 0.0).phase == "Absent"


def test_what_keeps_a_preparation_is_said():
    waiting = prepared("no-room")
    assert waiting.phase == "Running" and waiting.message.startswith("no node takes it: 0/1 nodes")
    refused = observe_prepare_job(RECORDED["quota"]["job"], [], 0.0, "exceeded quota: q")
    assert refused.reason == "QuotaExceeded"


def test_bad_input_is_the_end():
    over = {"exitCode": 2, "message": '{"reason": "BadInput", "message": "there is no dataset x"}'}
    ended = prepared("fetch-75", over=over)
    assert (ended.phase, ended.message) == ("Failed", "there is no dataset x")


def test_bad_input_is_tried_again_when_the_job_would_be_made_differently_today():
    found = copy.deepcopy(RECORDED["fetch-75"])
    job, (pod,) = found["job"], found["pods"]
    job["metadata"]["labels"]["seedbed.dev/attempt"] = "1"
    job["metadata"]["annotations"] = {"seedbed.dev/hash": "sha256:then"}
    first = pod["status"].pop("initContainerStatuses")[0] | {"name": "prepare"}
    first["state"]["terminated"]["exitCode"] = 2
    pod["status"]["containerStatuses"] = [first]
    begun = to_epoch(job["metadata"]["creationTimestamp"])

    def seen(wanted, after):
        return observe_prepare_job(job, [pod], begun + after, wanted=wanted).phase

    assert [seen("sha256:then", after) for after in (15, 9999)] == ["Failed", "Failed"]
    assert [seen("sha256:now", after) for after in (14, 15)] == ["Failed", "Absent"]


def test_trouble_is_said_and_tried_again_later():
    blocked = prepared("fetch-75")
    assert (blocked.phase, blocked.reason, blocked.message) == (
        "Blocked", "StoreUnreachable", "nothing answers there",
    )  # fmt: skip
    assert prepared("fetch-75", now=FAILED + 30).phase == "Absent"


def test_the_pause_grows():
    job = copy.deepcopy(RECORDED["fetch-75"]["job"])
    pauses = []
    for attempt in (1, 2, 5, 50):
        job["metadata"]["labels"]["seedbed.dev/attempt"] = str(attempt)
        pauses.append(again_at(job) - to_epoch(job["status"]["conditions"][0]["lastTransitionTime"]))
    assert pauses == [30.0, 60.0, 480.0, 600.0]


def test_what_can_not_start_is_begun_anew_when_it_would_be_made_differently_today():
    job, pods = copy.deepcopy(RECORDED["no-room"]["job"]), RECORDED["no-room"]["pods"]
    begun = to_epoch(job["metadata"]["creationTimestamp"])

    def seen(attempt, wanted, after):
        job["metadata"]["labels"]["seedbed.dev/attempt"] = str(attempt)
        job["metadata"]["annotations"] = {"seedbed.dev/hash": "sha256:now"}
        return observe_prepare_job(job, pods, begun + after, wanted=wanted).phase

    assert seen(1, "sha256:now", 9999) == "Running"
    assert [seen(1, "sha256:then", after) for after in (14, 15)] == ["Running", "Absent"]
    assert [seen(3, "sha256:then", after) for after in (59, 60)] == ["Running", "Absent"]


def test_what_starts_is_left_alone():
    job, (pod,) = RECORDED["no-room"]["job"], copy.deepcopy(RECORDED["no-room"]["pods"])
    running = {"name": "prepare", "state": {"running": {"startedAt": "2026-11-23T18:10:00Z"}}}
    pod["status"] = {"phase": "Running", "containerStatuses": [running]}
    assert observe_prepare_job(job, [pod], 4e9, wanted="sha256:other").phase == "Running"


@pytest.mark.parametrize(
    ("over", "reason", "message"),
    [
        ({"exitCode": 137, "reason": "OOMKilled"}, "OutOfMemory",
         "preparing the dataset needs more memory than the profile's prepare.memory"),
        ({"exitCode": 1, "message": "a\nKeyError: 'b'"}, "PreparationFailed",
         "preparing the dataset ended with exit code 1: KeyError: 'b'"),
    ],
)  # fmt: skip
def test_what_an_admin_must_look_at_blocks(over, reason, message):
    blocked = prepared("fetch-75", over=over)
    assert (blocked.phase, blocked.reason, blocked.message) == ("Blocked", reason, message)


def test_an_evicted_preparation_says_so():
    assert prepared("data-full").message.startswith("a volume of the profile is too small")


def test_a_failed_job_without_its_pod():
    assert observe_prepare_job(RECORDED["deleted-crash"]["job"], [], 0.0).reason == "PodLost"
