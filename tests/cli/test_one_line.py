from pathlib import Path

import pytest
import yaml

from fakes.driving import drive
from fakes.keeping import keep
from fakes.memory import MemoryPlanner, MemoryWorld, card, goal
from seedbed.api.documents import read_manifest
from seedbed.cli import one_line
from seedbed.cli.one_line import OneLine, goal_of, manifest_of, slim
from seedbed.errors import InvalidInput, InvalidManifest
from seedbed_runner.contract.hashing import dataset_key


def test_a_line_becomes_a_goal():
    line = OneLine("Design a CNN for digits with >97% accuracy", num_seeds=3, max_iter=7)
    made = goal_of(line)
    assert made.metadata.name == "digits"
    assert made.spec.dataset.name == "digits" and made.spec.objective.target == 0.97
    assert made.spec.seeds.explore == 3 and made.spec.budget.experiments == 7


def test_flags_go_before_the_sentence():
    line = OneLine("digits at least 97%", dataset="Breast-Cancer", target_accuracy=0.9, name="mine")
    made = goal_of(line)
    assert (made.metadata.name, made.spec.dataset.name, made.spec.objective.target) == (
        "mine", "breast_cancer", 0.9,
    )  # fmt: skip
    assert goal_of(OneLine("x", dataset="wdbc", target_accuracy=0.9)).metadata.name == "breast-cancer"


def test_the_defaults_are_those_of_a_manifest():
    made, plain = goal_of(OneLine("digits at least 90%")), goal(objective={"target": 0.9}).spec
    assert (made.spec.seeds, made.spec.budget) == (plain.seeds, plain.budget)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (OneLine(None), 'give the goal as a sentence: `--goal "Design a CNN for digits with >97% accuracy"`'),
        (
            OneLine("digits at least 97%", num_seeds=10),
            "`--num-seeds` is 10 but a candidate is explored with 1 to 5 seeds; "
            "a confirmation adds 4, 6, 9 or 12 fresh ones by itself",
        ),
        (
            OneLine("digits", target_accuracy=97),
            "`--target-accuracy` is 97 but an accuracy is between 0 and 1: did you mean 0.97?",
        ),
        (
            OneLine("digits", target_accuracy=-1),
            "`--target-accuracy` is -1 but an accuracy is between 0 and 1",
        ),
        (
            OneLine("digits at least 97%", max_iter=0),
            "`--max-iter` is 0 but a search takes 1 to 200 candidates",
        ),
    ],
)
def test_a_wrong_line_is_one_sentence(line, sentence):
    with pytest.raises(InvalidInput) as raised:
        goal_of(line)
    assert str(raised.value) == sentence


def test_what_a_manifest_may_not_ask_a_line_may_not_either():
    with pytest.raises(
        InvalidManifest, match="the goal: spec.objective.target: `target` is 1, the best possible"
    ):
        goal_of(OneLine("digits with 100% accuracy"))


def test_a_model_server_makes_the_planner_an_llm_and_its_key_stays_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    driven = []
    monkeypatch.setattr(one_line, "drive", lambda settings, work, manner: driven.append(settings) or 130)
    asked = {"llm_base_url": "http://lab/v1", "llm_model": "tiny", "llm_api_key": "a-secret"}
    line = OneLine("digits at least 97%", **asked)
    assert one_line.run_one_line(line) == 130
    [settings] = driven
    assert settings.providers["default"].read_key().get_secret_value() == "a-secret"
    [written] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert yaml.safe_load(written.read_text())["spec"]["planner"] == {"type": "LLM"}
    assert "a-secret" not in f"{written.read_text()} {line!r} {settings!r}"
    assert goal_of(OneLine("digits at least 97%")).spec.planner.type == "Search"


def test_a_server_that_is_half_described_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(InvalidInput, match="^`--llm-api-key` is about a model server, but none is set up"):
        one_line.run_one_line(OneLine("digits at least 97%", llm_api_key="a-secret"))
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_can_be_read_again():
    document = manifest_of(OneLine('digits: "quoted" at least 97%'))
    assert yaml.safe_load(yaml.safe_dump(document)) == document


@pytest.mark.parametrize("quality", [0.95, 0.5])
def test_what_can_be_made_again_is_removed(tmp_path, quality):
    planner = MemoryPlanner(lambda request, noise: quality + 0.001 * request.index)
    memory = drive(MemoryWorld(goal(budget={"experiments": 3}), planner=planner, sd=0.004), 0)
    for key in list(memory.artifacts.data):
        if key.endswith("result.json"):
            memory.artifacts.data[key.replace("result.json", "a1/weights.safetensors")] = b"weights"
    store = keep(memory, tmp_path)
    prepared = store.folder.datasets / dataset_key(memory.goal.spec.dataset.document()) / "public"
    prepared.mkdir(parents=True)
    (prepared / "card.json").write_bytes(card().to_json())
    records = sorted(store.folder.artifacts.rglob("result.json"))
    slim(store, "g")
    status = memory.goal.status
    best = status.claim.experiment if status.claim else status.best.experiment
    weights = list(store.folder.artifacts.rglob("weights.safetensors"))
    assert weights and all(f"/runs/{best}-" in str(path) for path in weights)
    assert sorted(store.folder.artifacts.rglob("result.json")) == records
    assert not store.folder.datasets.exists()  # what is prepared no more must be prepared again
    assert store.card(memory.goal) == card()
    slim(store, "g")
    assert store.card(memory.goal) == card()


def test_the_manifest_is_there_before_anything_runs_and_follows_the_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    manifest = Path("research-agent-wine/goal.yaml")
    line = OneLine("wine with 90% accuracy", max_iter=3)

    def killed(settings, work, manner):
        assert read_manifest(manifest)[0].spec == work[0].spec
        raise KeyboardInterrupt

    monkeypatch.setattr(one_line, "drive", killed)
    with pytest.raises(KeyboardInterrupt):
        one_line.run_one_line(line)
    before = manifest.read_bytes()

    def refused(settings, work, manner):
        raise InvalidInput("there is another of that name")

    monkeypatch.setattr(one_line, "drive", refused)
    with pytest.raises(InvalidInput):
        one_line.run_one_line(OneLine("wine with 95% accuracy"))
    assert manifest.read_bytes() == before
    monkeypatch.setattr(one_line, "drive", lambda settings, work, manner: 3)
    assert one_line.run_one_line(OneLine("wine with 90% accuracy", max_iter=9)) == 3
    assert read_manifest(manifest)[0].spec.budget.experiments == 9
