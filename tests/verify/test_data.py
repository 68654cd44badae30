import asyncio
import json
from dataclasses import replace

import pytest

from fakes.memory import card
from seedbed.api import Experiment
from seedbed.api.dataset import Dataset
from seedbed.verify import data as module
from seedbed.verify.data import PreparedData
from seedbed.verify.recorded import Recorded
from seedbed.verify.records import FolderRecords
from seedbed_runner.contract.hashing import dataset_key

IRIS = Dataset(name="iris").document()
KEY = dataset_key(IRIS)


@pytest.fixture
def run(tmp_path):
    root = tmp_path / "artifacts"
    uid = "default/g-1/runs/g-e001-01234567/s0"
    (root / "default" / "g-1").mkdir(parents=True)
    return Recorded(f"{root}/{uid}", str(root), uid, "default", "g-1", "g-e001", 0, b"")


@pytest.fixture
def prepared(monkeypatch):
    """What was prepared again."""
    seen = []

    async def prepare(dataset, into):
        seen.append(dataset)
        return "it was prepared again"

    monkeypatch.setattr(module, "_prepare", prepare)
    return seen


def find(run, tmp_path, experiments=()):
    known = {each.metadata.name: each for each in experiments}
    data = PreparedData(FolderRecords(), known, tmp_path / "into")

    async def twice():
        return [await data.of(run, KEY), await data.of(run, KEY)]

    first, again = asyncio.run(twice())
    assert first is again
    return first


@pytest.mark.parametrize("place", ["datasets", "artifacts/default/datasets"])
def test_beside_the_artifacts_or_as_in_a_bucket(run, tmp_path, place):
    folder = tmp_path / place / KEY
    (folder / "public").mkdir(parents=True)
    (folder / "public" / "manifest.json").touch()
    assert find(run, tmp_path).folder == folder


def test_what_nobody_knows_is_not_prepared_again(run, tmp_path, prepared):
    found = find(run, tmp_path)
    assert not found.folder.exists() and prepared == []
    assert found.remarks == (f"nothing here says how the data {KEY} were prepared",)


def test_the_card_that_outlived_its_data_says_how(run, tmp_path, prepared):
    path = tmp_path / "artifacts" / "default" / "g-1" / "card.json"
    path.write_bytes(replace(card(), dataset=IRIS).to_json())
    assert find(run, tmp_path).remarks == ("it was prepared again",) and prepared == [IRIS]


def test_a_card_of_other_data_does_not(run, tmp_path, prepared):
    path = tmp_path / "artifacts" / "default" / "g-1" / "card.json"
    path.write_bytes(replace(card(), dataset=Dataset(name="wine").document()).to_json())
    assert find(run, tmp_path) and prepared == []
    path.write_text(json.dumps({"not": "a card"}))
    assert find(run, tmp_path) and prepared == []


def test_its_experiment_says_how(run, tmp_path, prepared):
    spec = {"dataset": {"name": "iris"}, "seeds": [0], "model": {"layers": [{"type": "Flatten"}]}}
    document = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "Experiment", "metadata": {"name": "g-e001"}}
    find(run, tmp_path, [Experiment.model_validate(document | {"spec": spec})])
    assert prepared == [IRIS]
