"""Attacks 20 to 34: ways to the labels that a run is scored by.

29 to 31 are in test_data.py; 32, a thread older than Landlock, is in runner/sandbox/test_sealing.py.
"""

from pathlib import Path
from typing import Any

import pytest

from redteam.checking import check

pytestmark = pytest.mark.slow


def test_20_opens_the_guessed_label_path(tried: Any) -> None:
    check(tried, "labels", "20")


def test_21_output_symlink_to_labels(tried: Any) -> None:
    check(tried, "labels", "21")


def test_22_hard_link_to_labels(tried: Any) -> None:
    check(tried, "labels", "22")


def test_23_directory_swapped_for_a_symlink(tried: Any) -> None:
    check(tried, "labels", "23")


def test_24_labels_through_a_shared_data_cache(tried: Any) -> None:
    check(tried, "labels", "24")


def test_25_scans_inherited_descriptors(tried: Any) -> None:
    check(tried, "labels", "25")


def test_26_files_of_the_parent_in_proc(tried: Any) -> None:
    check(tried, "labels", "26")


def test_27_environment_of_the_first_process(tried: Any) -> None:
    check(tried, "labels", "27")


def test_28_looks_its_inputs_up_in_bundled_data(tried: Any) -> None:
    check(tried, "labels", "28")


def test_33_another_runs_outputs(tried: Any) -> None:
    check(tried, "labels", "33")


def test_34_changes_the_labels_folder(tried: Any) -> None:
    check(tried, "labels", "34")


def test_the_canary_is_in_nothing_that_the_trainer_could_read(tried: Any, arena: Any) -> None:
    labels = (arena.data.folder / "sealed" / "validation_labels.npy").read_bytes()[128:]
    assert len(labels) == 30 * 8
    _, after = tried("labels")
    seen = [path for path in after.root.rglob("*") if path.is_file()]
    assert {"train_labels.npy", "log.txt", "weights.safetensors", "task.json"} <= {path.name for path in seen}
    assert [path for path in seen if labels in path.read_bytes()] == []
    assert labels in Path(arena.data.folder / "sealed" / "validation_labels.npy").read_bytes()
