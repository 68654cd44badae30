import dataclasses

import pytest

from fakes.entries import entry
from fakes.memory import MemoryWorld, card, goal
from seedbed.api import Experiment, ExperimentStatus
from seedbed.api.dataset import DataSplit
from seedbed.engine.ledger import Entry, build_entry, entry_key, split_in_words, telling
from seedbed_runner.contract.records import InvalidRecord

USE = "default/ledger/" + "0" * 64 + "/g-1/g-c1-abcdef01"


@pytest.mark.parametrize(
    ("given", "name"),
    [(entry(4), "004-begun"), (entry(12, 9), "012-scored-009"), (entry(1, 0), "001-scored-000")],
)
def test_what_an_entry_says_is_its_key(given, name):
    assert entry_key("default", given) == f"{USE}/{name}.json"
    assert Entry.from_json(given.to_json()) == given


@pytest.mark.parametrize(
    "data", [b"", b"{", entry().to_json()[:-20], entry().to_json().replace(b'"g-1"', b"1"), b"[]"]
)
def test_a_damaged_entry_is_no_entry(data):
    with pytest.raises(InvalidRecord, match="Entry"):
        Entry.from_json(data)


def test_of_each_use_its_last_entry_and_its_last_count_tell():
    states = ["004-begun", "004-scored-003", "004-scored-004", "006-begun", "009-begun"]
    others = ["004-begun", "004-scored-004"]
    keys = [f"{USE}/{state}.json" for state in states] + [f"{USE}9/{state}.json" for state in others]
    assert telling(reversed(keys)) == [
        f"{USE}/004-scored-004.json", f"{USE}/009-begun.json", f"{USE}9/004-scored-004.json",
    ]  # fmt: skip
    assert telling([]) == []


def test_an_entry_of_an_experiment_that_stands_alone():
    memory = MemoryWorld(goal())
    body = {"dataset": {"name": "iris", "split": {"seed": 3, "stratify": False}}, "purpose": "Confirm",
            "model": {"layers": [{"type": "Flatten"}]}, "seeds": [1, 2]}  # fmt: skip
    document = {"metadata": {"name": "mine", "uid": "7"}, "spec": body}
    runs = [{"seed": 1, "attempt": 1}, {"seed": 2}]
    status = ExperimentStatus.model_validate({"runs": runs})
    made = build_entry(None, Experiment.model_validate(document), card(), status, None, memory.now)
    assert dataclasses.asdict(made) == dataclasses.asdict(made) | {
        "dataset": "iris", "split": "seed 3, test 0.2, validation 0.2, not stratified", "owner": "mine-7",
        "goal": None, "attempt": None, "alpha": 0.0, "begun": 1, "scored": None, "at": memory.now,
    }  # fmt: skip


def test_a_split_in_words():
    assert split_in_words(DataSplit()) == "seed 0, test 0.2, validation 0.2, stratified"
