import asyncio
import json

import pytest
import yaml
from click.testing import CliRunner

from fakes.keeping import put
from fakes.memory import MemoryPlanner, card, goal
from fakes.scripted import Scenario, ScriptedServer, Turn
from seedbed.api.progress import ExperimentLine
from seedbed.cli import proposing
from seedbed.cli.documents import FolderDocuments
from seedbed.cli.main import main
from seedbed.engine.naming import proposal_key
from seedbed.local.folder import Folder
from seedbed.planning.contract import Proposal, ProposalRequest
from seedbed.planning.llm.answer import Answer
from seedbed_runner.contract.hashing import dataset_key

KEY = "sk-secret-0123456789"
ONE = {
    "hypothesis": "A line may do.",
    "change": "the first experiment",
    "expectedEffect": "above chance",
    "model": {"layers": [{"type": "Linear", "out_features": "classes"}]},
    "training": {"epochs": 3},
}
GOOD = {"proposals": [ONE], "stop": None}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the dataset's card, and a manifest in it; no model server is set up."""
    for name in ("BASE_URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"SEEDBED_LLM_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "runs"
    wanted = asking()
    public = folder / "datasets" / dataset_key(wanted.spec.dataset.document()) / "public"
    public.mkdir(parents=True)
    (public / "card.json").write_bytes(card().to_json())
    write(tmp_path, wanted)
    return tmp_path


def asking(name="g", **spec):
    return goal(name, planner={"type": "LLM"}, **spec)


def write(place, wanted):
    document = wanted.document() | {"metadata": {"name": wanted.metadata.name}}
    del document["status"]
    (place / "goal.yaml").write_text(yaml.safe_dump(document))


def propose(place, *options, what="goal.yaml"):
    what = str(place / what) if what.endswith(".yaml") else what
    return CliRunner().invoke(main, ["propose", what, "--folder", str(place / "runs"), *options])


def served(monkeypatch, turns, **scenario):
    server = ScriptedServer(Scenario("", turns, **scenario))
    monkeypatch.setenv("SEEDBED_LLM_BASE_URL", server.url)
    monkeypatch.setenv("SEEDBED_LLM_MODEL", "a-model")
    monkeypatch.setenv("SEEDBED_LLM_API_KEY", KEY)
    return server


def test_the_prompt_alone_needs_no_server(place):
    said = propose(place, "--prompt-only")
    assert said.exit_code == 0, said.stderr
    assert "Wanted: accuracy of at least 0.9" in said.stdout and "cut for length: nothing" in said.stdout
    assert said.stdout.endswith(
        "g, planner LLM: no model was asked; nothing was stored, nothing was run\n"
    )  # fmt: skip


def test_a_server_that_is_not_set_up_is_said_before_anything(place):
    said = propose(place)
    assert said.exit_code == 2 and "no provider default is set up; there is none" in said.stderr
    assert said.stdout == ""


def test_prompt_and_proposals_are_shown_and_nothing_is_kept(place, monkeypatch):
    before = sorted(path for path in place.rglob("*"))
    with served(monkeypatch, [Turn(content=GOOD)]) as server:
        said = propose(place, "--dry-run", "--json")
    assert said.exit_code == 0, said.stderr
    [sent] = server.calls
    told = json.loads(said.stdout)
    assert told["prompt"]["messages"] == sent.request["messages"]
    assert told["prompt"]["maxTokens"] == sent.request["max_tokens"]
    [call] = told["calls"]
    assert (call["outcome"], call["promptTokens"], call["completionTokens"]) == ("Proposed", 120, 30)
    [proposal] = told["proposals"]
    assert Proposal.model_validate(proposal) == Answer.model_validate(GOOD).proposals[0].proposal()
    assert told["index"] == 1 and told["provider"].startswith("provider default (a-model at 127.0.0.1:")
    assert sorted(path for path in place.rglob("*")) == before
    assert sent.key == KEY and KEY not in said.stdout


def test_people_read_the_same(place, monkeypatch):
    with served(monkeypatch, [Turn(content=GOOD)]):
        said = propose(place)
    for words in ("system ─", "answer 1 · Proposed", "120 + 30 tokens", "proposal 1 ─", "type: Linear"):
        assert words in said.stdout


def test_a_goal_of_the_folder_is_asked_for_what_comes_next(place, monkeypatch):
    wanted, planner = asking(name="going", budget={"parallel": 1}), MemoryPlanner()
    scored = {"outcome": "NotNominated", "sd": 0.01, "n": 2}
    lines = [ExperimentLine(index=i, name=f"going-e{i:03d}", mean=0.87 + i / 100, **scored) for i in (1, 2)]
    status = wanted.status.model_copy(update={"experiments": lines})
    documents = put(place / "runs", wanted.model_copy(update={"status": status}))
    kept = documents.read_all(type(wanted))[0]
    for i in (1, 2):
        request = ProposalRequest(index=i, goal=wanted.spec, card=card().__dict__, history=[], pending=[])
        data = planner.propose(request).model_dump_json(by_alias=True).encode()
        asyncio.run(FolderDocuments(Folder(place / "runs")).artifacts.put(proposal_key(kept, i), data))
    said = propose(place, "--prompt-only", what="going")
    assert said.exit_code == 0, said.stderr
    assert "Propose experiment 3" in said.stdout and "0.8900" in said.stdout


def test_an_answer_that_is_no_use_is_shown_with_its_mistakes(place, monkeypatch):
    bad = {"proposals": [ONE | {"parent": 7}], "stop": None}
    with served(monkeypatch, [Turn(content=bad)]) as server:
        said = propose(place)
    assert said.exit_code == 1 and len(server.calls) == 1
    assert "answer 1 · Invalid" in said.stdout and "no experiment 7" in said.stdout
    assert "proposal 1 ─" not in said.stdout


def test_a_call_that_fails_says_what_to_do_and_never_the_key(place, monkeypatch):
    with served(monkeypatch, [Turn()], keys=["right"]) as server:
        said = propose(place)
    assert said.exit_code == 1 and len(server.calls) == 1
    assert "BadKey: provider default" in said.stdout
    assert "what to do: put a valid key where the provider's settings say" in said.stdout
    assert KEY not in said.stdout + said.stderr


def test_a_server_without_schemas_is_asked_for_less(place, monkeypatch):
    refusal = Turn(status=400, body={"error": {"message": "response_format json_schema is not supported"}})
    with served(monkeypatch, [Turn(content=GOOD)], refuses={"json_schema": refusal}) as server:
        said = propose(place, "--json")
    formats = [call.request["response_format"]["type"] for call in server.calls]
    assert formats == ["json_schema", "json_object"]
    assert [call["outcome"] for call in json.loads(said.stdout)["calls"]] == ["Failed", "Proposed"]
    assert said.exit_code == 0


def test_a_model_may_stop(place, monkeypatch):
    with served(monkeypatch, [Turn(content={"proposals": [], "stop": "It is all noise.\x1b[2J"})]):
        said = propose(place)
    assert said.exit_code == 0 and "it stops: It is all noise." in said.stdout and "\x1b" not in said.stdout


def test_the_search_planner_is_asked_without_a_prompt(place):
    write(place, goal())
    said = propose(place, "--json")
    told = json.loads(said.stdout)
    assert said.exit_code == 0 and told["prompt"] is None and len(told["proposals"]) == 1
    said = propose(place, "--prompt-only")
    assert said.exit_code == 2
    assert said.stderr == "research-agent: g: spec.planner.type is Search, which is sent no prompt\n"


def test_a_manifest_has_one_goal(place):
    path = place / "goal.yaml"
    path.write_text(f"{path.read_text()}---\n{path.read_text()}")
    said = propose(place)
    assert said.exit_code == 2 and "has 2 ResearchGoals: give a manifest with one" in said.stderr


@pytest.mark.slow
def test_the_data_are_prepared_first(place):
    write(place, asking(dataset={"name": "iris"}))
    said = propose(place, "--prompt-only")
    assert said.exit_code == 0 and "3 classes" in said.stdout


def test_data_that_cannot_be_prepared_are_a_sentence(place, monkeypatch):
    async def fails(dataset, into):
        return "the disk is full"

    monkeypatch.setattr(proposing, "prepare", fails)
    write(place, asking(dataset={"name": "iris"}))
    said = propose(place, "--prompt-only")
    assert said.exit_code == 1
    assert said.stderr == "research-agent: the dataset iris can't be prepared: the disk is full\n"
