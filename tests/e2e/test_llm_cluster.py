"""A scripted researcher decides real goals in the cluster, with layers and with code, as on a laptop.

The operator's pod asks the scripted server of this machine, over HTTP; runs are pods.
"""

import json

import pytest

from e2e.conftest import comparable, until
from e2e.test_llm import CODE, DIGITS, PICTURES, goal, run
from fakes.operating import node_address
from fakes.scripted import Scenario, ScriptedServer

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

KEY = "sk-of-the-cluster"
RUN = {"cpu": 0.45, "memory": "1Gi"}


@pytest.fixture(scope="module")
def asking(installed):
    """The installation with two researchers as providers, and a profile in which code may run."""
    layers, code = (Scenario.named(name) for name in ("good-researcher", "coding-researcher"))
    with ScriptedServer(layers, "0.0.0.0") as first, ScriptedServer(code, "0.0.0.0") as second:
        host = node_address()
        installed.kubectl("create", "secret", "generic", "researcher", f"--from-literal=api-key={KEY}")
        default = {"baseUrl": first.url_at(host), "model": "scripted", "existingSecret": "researcher"}
        profiles = installed.values["profiles"]
        installed.helm(
            "upgrade",
            providers={"default": default, "coder": {"baseUrl": second.url_at(host), "model": "scripted"}},
            profiles=profiles | {"open": profiles["default"] | {"allowUnsealed": True}},
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
    wanted = goal("told", DIGITS, 0.97, resources=RUN)
    status = decided(installed, wanted)
    assert {call.key for call in server.calls} == {KEY}
    asked = [call.messages[1] for call in server.calls]  # the first one also offers what a profile allows
    truth, calls = run(tmp_path, wanted, "good-researcher", "--no-report")
    assert comparable(status) == comparable(truth)
    assert asked == [call.messages[1] for call in calls]
    shown = installed.kubectl("describe", "rg", "told") + json.dumps(installed.get("rg", "told"))
    assert KEY not in shown + installed.kubectl("logs", "deploy/seedbed", "--tail=-1")


def test_code_runs_in_a_profile_that_allows_it_and_layers_decide(asking):
    installed, _, server = asking
    planner = {"type": "LLM", "provider": "coder", "code": True}
    wanted = goal("coded", PICTURES, 0.88, planner=planner, profile="open", resources=RUN)
    status = decided(installed, wanted)
    code, layers = status.experiments
    assert (code.outcome, code.reason) == CODE and code.mean >= 0.88
    assert (layers.outcome, status.claim.index, len(server.calls)) == ("Confirmed", 2, 2)


def test_code_is_refused_in_any_other_profile(asking):
    installed, _, server = asking
    calls = len(server.calls)
    planner = {"type": "LLM", "provider": "coder", "code": True}
    installed.apply(goal("closed", PICTURES, 0.88, planner=planner))
    described = until(
        lambda: "allowUnsealed" in (said := installed.kubectl("describe", "rg", "closed")) and said
    )
    assert "spec.planner.code" in described and len(server.calls) == calls
    installed.kubectl("delete", "rg", "closed")
