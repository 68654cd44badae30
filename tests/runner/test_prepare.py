import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.api.dataset import Dataset
from seedbed_runner import prepare as module
from seedbed_runner.contract.records import Card
from seedbed_runner.data import Source, load
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.prepare import prepare
from seedbed_runner.prepared import check_file, file_hash, read_manifest

DIGITS = Dataset(name="digits").document()


def arrays(folder: Path) -> dict[str, Any]:
    return {path.stem: np.load(path) for path in sorted(folder.rglob("*.npy"))}


def test_the_card_of_digits(digits: Any) -> None:
    card = digits.card
    assert (card.name, card.kind, card.input_shape, card.classes) == ("digits", "image", [1, 8, 8], 10)
    assert card.sizes == {"train": 1079, "validation": 359, "test": 359}
    assert card.leakable and card.bayes_accuracy is None and card.duplicates_removed == 0
    labels = np.load(digits.folder / "sealed" / "validation_labels.npy")
    assert card.chance == np.bincount(labels).max() / 359
    assert card.baselines["majority"]["accuracy"] == pytest.approx(card.chance, abs=0.01)
    assert 0.94 <= card.baselines["linear"]["accuracy"] <= 0.97
    assert card.key == digits.folder.name


def test_public_files_hold_no_label_of_a_scored_split(digits: Any) -> None:
    public = {path.name for path in (digits.folder / "public").iterdir()}
    assert public == {
        "card.json", "manifest.json", "train_inputs.npy", "train_labels.npy", "validation_inputs.npy",
        "test_inputs.npy",
    }  # fmt: skip
    sealed = {path.name for path in (digits.folder / "sealed").iterdir()}
    assert sealed == {"manifest.json", "validation_labels.npy", "test_labels.npy"}
    assert (digits.folder / "sealed").stat().st_mode & 0o077 == 0


def test_rows_are_permuted_and_each_keeps_its_label(digits: Any) -> None:
    source, found = load(DIGITS), arrays(digits.folder)
    label_of = {row.tobytes(): label for row, label in zip(source.inputs, source.labels, strict=True)}
    mean = np.float32(_train_rows(source, found).mean(dtype=np.float64))
    deviation = np.float32(_train_rows(source, found).std(dtype=np.float64))
    original = {((row - mean) / deviation).tobytes(): i for i, row in enumerate(source.inputs)}
    for part in ("validation", "test"):
        places = [original[row.tobytes()] for row in found[f"{part}_inputs"]]
        assert places != sorted(places)
        assert (source.labels[places] == found[f"{part}_labels"]).all()
    train = [original[row.tobytes()] for row in found["train_inputs"]]
    assert train == sorted(train) and len(label_of) == 1797


def _train_rows(source: Source, found: dict[str, Any]) -> Any:
    """The source's rows in train: those whose labels, in order, are the public ones."""
    from seedbed_runner.split import split_rows

    rows = split_rows(source.labels, DIGITS["split"])["train"]
    assert (source.labels[rows] == found["train_labels"]).all()
    return source.inputs[rows]


def test_train_and_evaluation_share_no_row(prepared: Any) -> None:
    iris = prepared(name="iris")
    assert iris.card.duplicates_removed == 1  # rows 101 and 142 of Fisher's table are equal
    found = arrays(iris.folder)
    rows = np.concatenate([found[f"{part}_inputs"] for part in ("train", "validation", "test")])
    assert len(np.unique(rows, axis=0)) == len(rows) == 149


def test_hashes_bind_every_byte(digits: Any, tmp_path: Path) -> None:
    manifest = read_manifest(digits.folder / "public", digits.card.data_hash)
    for name, listed in manifest["files"].items():
        check_file(digits.folder / "public" / name, listed)
    sealed = read_manifest(digits.folder / "sealed", manifest["sealed"])
    for name, listed in sealed["files"].items():
        assert listed["sha256"] == file_hash(digits.folder / "sealed" / name)
    again = Card.from_json(prepare(DIGITS, tmp_path).read_bytes())
    assert again == digits.card


def test_another_split_seed_is_another_dataset_of_the_same_source(digits: Any, prepared: Any) -> None:
    other = prepared(name="digits", split={"seed": 1}).card
    assert other.data_hash != digits.card.data_hash and other.key != digits.card.key
    assert other.source_hash == digits.card.source_hash


def test_what_was_prepared_is_not_prepared_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare(Dataset(name="iris").document(), tmp_path)
    monkeypatch.setattr(module, "load", lambda dataset: pytest.fail("loaded again"))
    assert prepare(Dataset(name="iris").document(), tmp_path) == first


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "baselines", full)
    with pytest.raises(OSError):
        prepare(Dataset(name="iris").document(), tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_what_a_killed_preparation_left_is_swept(tmp_path: Path) -> None:
    dataset = Dataset(name="iris").document()
    key = prepare(dataset, tmp_path / "first").parent.parent.name
    (tmp_path / f".{key}.part" / "public").mkdir(parents=True)
    (tmp_path / f".{key}.part" / "public" / "card.json").write_text("half")
    assert Card.from_json(prepare(dataset, tmp_path).read_bytes()).name == "iris"
    assert not (tmp_path / f".{key}.part").exists()


def test_a_field_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the dataset's field 'split' is missing"):
        prepare({"name": "iris"}, tmp_path)


def test_changed_and_missing_files_are_told(tmp_path: Path) -> None:
    card = prepare(Dataset(name="iris").document(), tmp_path)
    public, data_hash = card.parent, Card.from_json(card.read_bytes()).data_hash
    with pytest.raises(Infrastructure, match="holds other data than sha256:0"):
        read_manifest(public, "sha256:0")
    listed = read_manifest(public, data_hash)["files"]["train_labels.npy"]
    os.chmod(public / "train_labels.npy", 0o644)
    with (public / "train_labels.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    with pytest.raises(Infrastructure, match="train_labels.npy is not what was prepared"):
        check_file(public / "train_labels.npy", listed)
    (public / "manifest.json").unlink()
    with pytest.raises(Infrastructure, match="there are no prepared data"):
        read_manifest(public, data_hash)


def command(dataset: Any, into: Path) -> "subprocess.Popen[str]":
    text = dataset if isinstance(dataset, str) else json.dumps(dataset)
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "seedbed_runner", "prepare", "--dataset", text, "--into", str(into)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_two_at_once_both_succeed(tmp_path: Path) -> None:
    both = [command(DIGITS, tmp_path) for _ in range(2)]
    printed = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert {out.strip() for out, _ in printed} == {str(next(tmp_path.glob("*/public/card.json")))}


@pytest.mark.slow
def test_the_command_explains_bad_input(tmp_path: Path) -> None:
    wrong = {"name": "digts"}, {"name": "iris"}, "{", "[]"
    for dataset, said in zip(
        wrong, ("did you mean digits", "'split'", "not JSON", "no JSON object"), strict=True
    ):
        process = command(dataset, tmp_path)
        out, err = process.communicate()
        assert process.returncode == 2 and out == "" and said in err and err.count("\n") == 1


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_leaves_nothing(small_disk: Any) -> None:
    place = small_disk(200_000)
    process = command(DIGITS, place)
    _, err = process.communicate()
    assert process.returncode == 75 and "the disk is full" in err and err.count("\n") == 1
    assert [path.suffix for path in place.iterdir()] == [".lock"]
