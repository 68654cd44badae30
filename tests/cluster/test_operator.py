"""The operator as a process of its own against a real API server; its runs are played."""

import json
import random
import signal
import time
import uuid

import pytest

from cluster.conftest import kubectl
from fakes.driving import drive, outcome
from fakes.memory import MemoryWorld, goal
from fakes.playing import operator, until
from seedbed.api import ResearchGoal

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

BUDGET = {"experiments": 4, "parallel": 2}


def get(namespace, *what):
    return json.loads(kubectl("get", "-n", namespace, *what, "-o", "json"))


@pytest.fixture
def namespace(crds):
    name = f"operator-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def submit(namespace, name="g"):
    document = goal(name, budget=BUDGET).document()
    kubectl(
        "create",
        "-n",
        namespace,
        "--validate=false",
        "-f",
        "-",
        given={**document, "metadata": {"name": name}},
    )


def read(namespace, name="g"):
    return ResearchGoal.model_validate(get(namespace, "rg", name))


def finished(namespace, name="g"):
    found = read(namespace, name)
    return found if found.status.finished else None


class Decided:
    """What `outcome` reads."""

    def __init__(self, found):
        self.goal = found


def expected():
    return outcome(drive(MemoryWorld(goal(budget=BUDGET)), 0))


def test_a_goal_is_decided_as_anywhere_else(namespace, tmp_path):
    with operator(namespace, tmp_path) as process:
        submit(namespace)
        found = until(lambda: finished(namespace))
        assert outcome(Decided(found)) == expected()
        assert found.status.observed_generation == 1
        told = until(lambda: get(namespace, "events.events.k8s.io")["items"])
        until(lambda: process.process.poll() is None)
        assert process.end() == 0
        assert process.said("over")
    _kopf_left_no_trace(namespace)
    told = get(namespace, "events.events.k8s.io")["items"]
    reasons = {event["reason"] for event in told if event["regarding"]["kind"] == "ResearchGoal"}
    assert {"ExperimentMade", "Decided", found.status.verdict.verdict} <= reasons
    assert get(namespace, "lease", "seedbed-operator")["spec"]["holderIdentity"] == ""
    assert "verdict" in kubectl("describe", "-n", namespace, "rg", "g").lower()


def _kopf_left_no_trace(namespace):
    for each in get(namespace, "rg,exp,jobs")["items"]:
        assert "finalizers" not in each["metadata"]
        assert not [key for key in each["metadata"].get("annotations", {}) if "kopf" in key]


def test_killed_at_random_moments_it_comes_to_the_same(namespace, tmp_path):
    rng = random.Random(7)
    submit(namespace)
    for _ in range(5):
        with operator(namespace, tmp_path) as process:
            until(lambda: process.said("works in namespace"), 30)
            time.sleep(rng.uniform(0.2, 3))
            process.end(signal.SIGKILL)
    with operator(namespace, tmp_path):
        found = until(lambda: finished(namespace), 180)
    assert outcome(Decided(found)) == expected()


def test_an_experiment_deleted_by_hand_is_no_loss(namespace, tmp_path):
    with operator(namespace, tmp_path):
        submit(namespace)
        until(lambda: get(namespace, "exp")["items"])
        kubectl("delete", "-n", namespace, "exp", "--all", "--wait=false")
        found = until(lambda: finished(namespace))
    assert outcome(Decided(found)) == expected()


def test_a_second_operator_waits_and_takes_over(namespace, tmp_path):
    with operator(namespace, tmp_path, "first") as first:
        until(lambda: first.said("works in namespace"))
        with operator(namespace, tmp_path, "second") as second:
            until(lambda: second.said("another operator, first, works there: this one waits"))
            submit(namespace)
            until(lambda: finished(namespace))
            assert not second.said("works in namespace")
            assert first.end() == 0
            submit(namespace, "h")
            until(lambda: finished(namespace, "h"))
            assert second.said("works in namespace")
            assert second.end() == 0


def test_a_holder_that_was_killed_is_replaced(namespace, tmp_path):
    with operator(namespace, tmp_path, "first") as first:
        until(lambda: first.said("works in namespace"))
        first.end(signal.SIGKILL)
    with operator(namespace, tmp_path, "second") as second:
        until(lambda: second.said("another operator, first,"))
        until(lambda: second.said("works in namespace"), 40)


def test_a_goal_that_was_there_before_the_operator_is_found(namespace, tmp_path):
    submit(namespace)
    with operator(namespace, tmp_path):
        until(lambda: finished(namespace))


def test_suspended_and_resumed(namespace, tmp_path):
    with operator(namespace, tmp_path):
        submit(namespace)
        until(lambda: get(namespace, "exp")["items"])
        patch = ["patch", "-n", namespace, "rg", "g", "--type=merge", "-p"]
        kubectl(*patch, '{"spec": {"suspend": true}}')
        until(lambda: read(namespace).status.phase == "Suspended")
        time.sleep(2)
        assert not read(namespace).status.open
        kubectl(*patch, '{"spec": {"suspend": false}}')
        found = until(lambda: finished(namespace))
    assert outcome(Decided(found)) == expected()
