"""A scripted researcher decides real goals in the cluster, with layers and with code, as on a laptop.

The operator's pod asks the scripted server of this machine, over HTTP; runs are pods.
"""

import json

import pytest

from e2e.conftest import comparable
from e2e.test_llm import DIGITS, PICTURES, goal, run
from fakes.operating import node_address
from fakes.scripted import Scenario, ScriptedServer

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

KEY = "sk-of-the-cluster"
RUN = {"cpu": 0.45, "memory": "1Gi"}


@pytest.fixture(scope="module")
def asking(installed):
    """The installation with two researchers as providers; one of them needs a key."""
    layers, code = (Scenario.named(name) for name in ("good-researcher", "coding-researcher"))
    with ScriptedServer(layers, "0.0.0.0") as first, ScriptedServer(code, "0.0.0.0") as second:
        host = node_address()
        installed.kubectl("create", "secret", "generic", "researcher", f"--from-literal=api-key={KEY}")
        default = {"baseUrl": first.url_at(host), "model": "scripted", "existingSecret": "researcher"}
        installed.helm(
            "upgrade",
            providers={"default": default, "coder": {"baseUrl": second.url_at(host), "model": "scripted"}},
        )
        yield installed, first, second
        installed.helm("upgrade")


def decided(installed, wanted):
    installed.apply(wanted)
    name = wanted["metadata"]["name"]
    status = installed.finished(name).status
    assert status.phase == "Achieved", status
    return status


def test_layers_decide_digits_with_the_laptops_numbers(asking, tmp_path):
    installed, server, _ = asking
    wanted = goal("told", DIGITS, 0.96, resources=RUN)
    status = decided(installed, wanted)
    assert {call.key for call in server.calls} == {KEY}
    asked = [call.messages[1] for call in server.calls]  # the first one also offers what a profile allows
    truth, calls = run(tmp_path, wanted, "good-researcher", "--no-report")
    assert comparable(status) == comparable(truth)
    assert asked == [call.messages[1] for call in calls]
    shown = installed.kubectl("describe", "rg", "told") + json.dumps(installed.get("rg", "told"))
    assert KEY not in shown + installed.kubectl("logs", "deploy/seedbed", "--tail=-1")


def test_code_decides_pictures(asking):
    installed, _, server = asking
    planner = {"type": "LLM", "provider": "coder", "code": True}
    status = decided(installed, goal("coded", PICTURES, 0.88, planner=planner, resources=RUN))
    assert (status.claim.index, status.claim.assurance, len(server.calls)) == (1, "sealed", 1)
    assert status.experiments[0].outcome == "Confirmed"
