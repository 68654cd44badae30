import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed_runner import fetch as module
from seedbed_runner.control import permute
from seedbed_runner.errors import Infrastructure
from seedbed_runner.fetch import fetch


@pytest.mark.parametrize(("purpose", "split"), [("Explore", "validation"), ("Confirm", "test")])
def test_only_the_scored_splits_inputs_come(
    digits: Any, asking: Any, tmp_path: Path, purpose: str, split: str
) -> None:
    fetch(digits.folder, asking(digits.card, purpose=purpose), tmp_path / "data")
    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert names == {"train_inputs.npy", "train_labels.npy", "evaluation_inputs.npy", "task.json"}
    evaluation = np.load(tmp_path / "data" / "evaluation_inputs.npy")
    assert (evaluation == np.load(digits.folder / "public" / f"{split}_inputs.npy")).all()
    task = json.loads((tmp_path / "data" / "task.json").read_bytes())
    known = {"input_shape": [1, 8, 8], "classes": 10, "rows": 359}
    assert task == known | {"task": "classification", "vocabulary": 0, "scaling": None, "target": None}


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_control_finds_permuted_labels_and_the_prepared_ones_stay(
    iris: Any, asking: Any, tmp_path: Path
) -> None:
    request = asking(iris.card, purpose="Control", seed=4)
    fetch(iris.folder, request, tmp_path / "data")
    there, here = iris.folder / "public" / "train_labels.npy", tmp_path / "data" / "train_labels.npy"
    true, given = np.load(there), np.load(here)
    assert (given == permute(true, iris.card.data_hash, 4)).all() and (given != true).mean() > 0.5
    assert given.dtype == true.dtype and there.stat().st_size == here.stat().st_size
    fetch(iris.folder, asking(iris.card), tmp_path / "data")  # checks what is prepared by its hash
    assert (np.load(here) == true).all()
    assert request.split == "validation"


def test_no_byte_of_a_scored_label_is_in_the_work_folder(digits: Any, asking: Any, tmp_path: Path) -> None:
    request = asking(digits.card)
    (tmp_path / "request.json").write_bytes(request.to_json())
    fetch(digits.folder, request, tmp_path / "data")
    sealed = [np.load(path) for path in (digits.folder / "sealed").glob("*.npy")]
    canaries = [labels.astype(kind).tobytes()[:64] for labels in sealed for kind in ("i8", "i4", "u1")]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 5 and len(canaries) == 6
    assert not any(canary in data for canary in canaries for data in files)
    assert any(canaries[0] in path.read_bytes() for path in (digits.folder / "sealed").glob("*.npy"))


def test_files_are_linked_or_copied(
    iris: Any, asking: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, original = asking(iris.card), iris.folder / "public" / "train_inputs.npy"
    fetch(iris.folder, request, tmp_path / "linked")
    assert (tmp_path / "linked" / "train_inputs.npy").samefile(original)

    def refuse(source: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(module.os, "link", refuse)
    fetch(iris.folder, request, tmp_path / "copied")
    copied = tmp_path / "copied" / "train_inputs.npy"
    assert not copied.samefile(original) and copied.read_bytes() == original.read_bytes()


def test_other_data_than_were_asked_for_are_refused(iris: Any, asking: Any, tmp_path: Path) -> None:
    request = dataclasses.replace(asking(iris.card), data_hash="sha256:" + "1" * 64)
    with pytest.raises(Infrastructure) as caught:
        fetch(iris.folder, request, tmp_path / "data")
    assert caught.value.reason == "DataChanged"
    with pytest.raises(Infrastructure) as caught:
        fetch(tmp_path / "nowhere", request, tmp_path / "data")
    assert caught.value.reason == "DataMissing"


def test_what_an_earlier_attempt_left_is_removed(iris: Any, asking: Any, tmp_path: Path) -> None:
    os.makedirs(tmp_path / "data")
    (tmp_path / "data" / "stale").touch()
    fetch(iris.folder, asking(iris.card), tmp_path / "data")
    assert not (tmp_path / "data" / "stale").exists()
