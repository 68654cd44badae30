import sys

import pytest
import yaml
from click.testing import CliRunner

from fakes.memory import goal
from seedbed.cli.main import main
from seedbed.cli.servers import require_servers
from seedbed.errors import InvalidInput
from seedbed.local.settings import Settings, config_path
from seedbed.planning.llm.provider import Provider

LAB = Provider(name="lab", base_url="http://lab/v1", model="tiny")


def refusal(planner, **providers):
    with pytest.raises(InvalidInput) as raised:
        require_servers([goal(planner={"type": "LLM", **planner})], Settings(providers=providers))
    return str(raised.value)


def test_goals_whose_provider_is_set_up_pass():
    asking = goal(planner={"type": "LLM", "provider": "lab"})
    require_servers([asking, goal(planner={"provider": "none"})], Settings(providers={"lab": LAB}))


def test_a_refusal_says_how_to_set_a_server_up():
    assert refusal({}) == (
        "g: spec.planner.provider: no provider default is set up; there is none. Set SEEDBED_LLM_BASE_URL "
        "and SEEDBED_LLM_MODEL (and SEEDBED_LLM_API_KEY if it needs a key), or write in "
        f"{config_path()}: `providers: {{default: {{baseUrl: URL, model: MODEL, keyEnv: VARIABLE}}}}`"
    )
    assert refusal({"provider": "cloud"}, lab=LAB) == (
        "g: spec.planner.provider: no provider cloud is set up; there are: lab. Write in "
        f"{config_path()}: `providers: {{cloud: {{baseUrl: URL, model: MODEL, keyEnv: VARIABLE}}}}`"
    )


def test_a_model_that_is_not_offered():
    said = refusal({"provider": "lab", "model": "huge"}, lab=LAB)
    assert said == (
        "g: spec.planner.model: provider lab does not offer 'huge'; it offers: tiny. Add it to "
        f"its `models` in {config_path()}, or leave spec.planner.model out"
    )


def test_the_sdk_is_missed_before_anything_starts(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    said = refusal({"provider": "lab"}, lab=LAB)
    assert said.endswith("LLM needs the package openai: pip install 'seedbed[llm]', or write type: Search")


def test_run_starts_nothing(tmp_path, monkeypatch):
    for name in ("BASE_URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"SEEDBED_LLM_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    manifest = tmp_path / "goal.yaml"
    document = goal(planner={"type": "LLM"}).document() | {"metadata": {"name": "asked"}}
    manifest.write_text(yaml.safe_dump(document))
    said = CliRunner().invoke(main, ["run", str(manifest), "--folder", str(tmp_path / "runs")])
    assert said.exit_code == 2
    assert said.stderr.startswith(
        "research-agent: asked: spec.planner.provider: no provider default is set up"
    )
    assert not (tmp_path / "runs").exists()
