import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakes.keeping import put
from fakes.memory import goal
from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.api.documents import parse_manifest, read_manifest
from seedbed.cli.main import main
from seedbed.cli.take_over import take_over
from seedbed.errors import InvalidInput
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore

ROOT = Path(__file__).parents[2]


def store_with(tmp_path, phase=None, **spec):
    resource = goal(**spec)
    if phase:
        resource = resource.model_copy(update={"status": GoalStatus(phase=phase)})
    return put(tmp_path, resource)


def experiment(**update):
    spec = {"dataset": {"name": "iris"}, "model": {"layers": [{"type": "Flatten"}]}, "seeds": [0, 1]} | update
    return Experiment.model_validate({"metadata": {"name": "alone"}, "spec": spec})


def test_a_new_goal_is_made(tmp_path):
    folder = Folder(tmp_path)
    folder.create()
    store = FolderStore(folder)
    assert asyncio.run(take_over(store, goal())) == f"g: new goal in {tmp_path}"
    assert store.read(ResearchGoal, "g").metadata.uid


def test_the_readmes_sequence_goes_into_one_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readme = (ROOT / "README.md").read_text()
    demo = read_manifest(ROOT / "examples" / "digits.yaml")
    shown = parse_manifest(re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)[1].encode(), "README.md")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    first = read_manifest("goal.yaml")
    folder = Folder(tmp_path / "seedbed-runs")
    folder.create()
    store = FolderStore(folder)
    said = [asyncio.run(take_over(store, wanted)) for wanted in [*demo, *first, *shown]]
    name = first[0].metadata.name
    assert said == [
        f"digits: new goal in {folder.root}",
        f"{name}: new goal in {folder.root}",
        "digits: goes on",
    ]
    assert re.findall(r"research-agent report (\S+)", readme) == [name]  # with two goals one has to be named


def test_an_equal_one_goes_on_untouched(tmp_path):
    store = store_with(tmp_path, "Searching")
    before = store.read(ResearchGoal, "g")
    assert asyncio.run(take_over(store, goal())) == "g: goes on"
    assert store.read(ResearchGoal, "g") == before


def test_a_finished_one_is_told(tmp_path):
    store = store_with(tmp_path, "NotAchieved")
    assert asyncio.run(take_over(store, goal())) == "g: is NotAchieved already"


def test_a_raised_budget_is_taken_over_and_reopens(tmp_path):
    store = store_with(tmp_path, "NotAchieved", budget={"experiments": 5, "deadline": "90m"})
    said = asyncio.run(take_over(store, goal(budget={"experiments": 9, "deadline": "2h"})))
    assert said == (
        "g: goes on with `budget.experiments` 9 instead of 5, `budget.deadline` 2h instead of 90m"
    )
    there = store.read(ResearchGoal, "g")
    assert there.spec.budget.experiments == 9 and there.metadata.generation == 2


def test_a_claim_stands(tmp_path):
    store = store_with(tmp_path, "Achieved", budget={"experiments": 5})
    said = asyncio.run(take_over(store, goal(budget={"experiments": 9})))
    assert said == "g: is Achieved already, and its claim stands"
    assert store.read(ResearchGoal, "g").spec.budget.experiments == 5


def test_suspension_and_approval_are_taken_over(tmp_path):
    store = store_with(tmp_path, "Suspended", suspend=True)
    said = asyncio.run(take_over(store, goal(approval="Manual")))
    assert said == "g: goes on with `suspend` false, `approval` Manual"
    assert store.read(ResearchGoal, "g").spec.suspend is False


def test_what_failed_in_its_surroundings_is_tried_again(tmp_path):
    store = store_with(tmp_path, "Failed")
    assert asyncio.run(take_over(store, goal())) == "g: what this machine failed to run is tried again"
    assert store.read(ResearchGoal, "g").metadata.generation == 2


def test_a_lowered_budget_is_refused(tmp_path):
    store = store_with(tmp_path, budget={"deadline": "2h"})
    with pytest.raises(InvalidInput) as raised:
        asyncio.run(take_over(store, goal(budget={"deadline": "119m"})))
    assert str(raised.value) == "g: `budget.deadline` is 2h and can only be raised, not lowered to 119m"


def test_another_specification_is_refused_with_the_field_and_the_way_out(tmp_path):
    store = store_with(tmp_path)
    with pytest.raises(InvalidInput) as raised:
        asyncio.run(take_over(store, goal(objective={"target": 0.95}, constraints=[])))
    assert str(raised.value) == (
        "there is a ResearchGoal named g already that differs: spec.objective.target is 0.9 there and 0.95 "
        "here; give this one another name (`--name`), or remove that one: "
        f"research-agent purge g --folder {tmp_path}"
    )


def test_an_experiment_goes_on_or_is_refused(tmp_path):
    store = put(tmp_path, experiment())
    assert asyncio.run(take_over(store, experiment())) == "alone: goes on"
    with pytest.raises(InvalidInput, match=r"spec.seeds is \[0, 1\] there and \[0\] here"):
        asyncio.run(take_over(store, experiment(seeds=[0])))


def test_an_experiment_can_be_approved_by_its_manifest(tmp_path):
    store = put(tmp_path, experiment(approved=False))
    asyncio.run(take_over(store, experiment()))
    assert store.read(Experiment, "alone").spec.approved


def test_an_experiment_of_a_goal_is_not_run_by_hand(tmp_path):
    with pytest.raises(InvalidInput, match="`spec.goal` is for the experiments that a goal makes"):
        asyncio.run(take_over(put(tmp_path, goal()), experiment(goal="g")))


def test_an_experiment_that_was_refused_begins_anew(tmp_path):
    refused = experiment()
    refused = refused.model_copy(update={"status": refused.status.model_copy(update={"phase": "Refused"})})
    store = put(tmp_path, refused)
    asyncio.run(take_over(store, experiment()))
    assert store.read(Experiment, "alone").status.phase == "Pending"
