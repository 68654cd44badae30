import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed_runner.errors import BadInput
from seedbed_runner.split import distinct_rows, normalise, overlap, permutations, split_rows

SPLIT = {"seed": 0, "test": 0.2, "validation": 0.2, "stratify": True}


def test_a_row_that_came_before_is_dropped() -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2], [2, 1], [3, 4]], dtype=np.float32)
    assert distinct_rows(rows).tolist() == [0, 1, 3]


def test_rows_in_two_splits_are_counted() -> None:
    parts = {"train": [[1, 2], [3, 4]], "validation": [[3, 4], [5, 6]], "test": [[1, 2], [1, 2], [5, 6]]}
    arrays = {name: np.array(rows, dtype=np.float32) for name, rows in parts.items()}
    assert overlap(arrays) == {"train_validation": 1, "train_test": 2, "validation_test": 1}


@settings(deadline=None, max_examples=30)
@given(st.integers(60, 300), st.floats(0.05, 0.4), st.floats(0.05, 0.4), st.booleans(), st.integers(0, 9))
def test_every_row_lands_in_exactly_one_part(
    rows: int, test: float, validation: float, stratify: bool, seed: int
) -> None:
    labels = np.arange(rows) % 3
    split = {"seed": seed, "test": test, "validation": validation, "stratify": stratify}
    parts = split_rows(labels, split)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(rows))
    assert len(parts["test"]) == round(test * rows) and len(parts["validation"]) == round(validation * rows)
    assert all((np.diff(part) > 0).all() for part in parts.values())
    if stratify:
        for part in parts.values():
            assert np.ptp(np.bincount(labels[part], minlength=3)) <= 2


def test_another_seed_splits_otherwise() -> None:
    labels = np.arange(100) % 2
    first, again, other = (split_rows(labels, SPLIT | {"seed": seed}) for seed in (0, 0, 1))
    assert (first["test"] == again["test"]).all() and (first["test"] != other["test"]).any()


def test_a_class_that_is_too_small_is_told() -> None:
    labels = np.array([0] * 50 + [1])
    with pytest.raises(BadInput) as caught:
        split_rows(labels, SPLIT)
    assert str(caught.value) == (
        "a stratified split is impossible: class 1 has 1 of 51 rows and test would hold 10 for 2 classes; "
        "use larger shares or `stratify: false`"
    )
    assert len(split_rows(labels, SPLIT | {"stratify": False})["test"]) == 10


def test_three_rows_can_not_be_divided() -> None:
    with pytest.raises(BadInput, match="2 rows can't be divided"):
        split_rows(np.array([0, 1]), SPLIT | {"stratify": False})


def test_tables_are_normalised_by_train_alone() -> None:
    train = np.array([[1, 7], [3, 7]], dtype=np.float32)
    parts = normalise({"train": train, "test": np.array([[5, 8]], dtype=np.float32)}, "tabular")
    assert parts["train"].tolist() == [[-1, 0], [1, 0]]
    assert parts["test"].tolist() == [[3, 1]]  # (5 − 2) / 1; a constant feature is only centred


def test_images_are_normalised_by_channel() -> None:
    train = np.zeros((2, 2, 1, 2), dtype=np.float32)
    train[0, 0], train[1, 0] = 1, 3
    parts = normalise({"train": train, "test": train + 2}, "image")
    assert parts["train"][:, 0, 0, 0].tolist() == [-1, 1]
    assert parts["test"][:, 0, 0, 0].tolist() == [1, 3]
    assert (parts["train"][:, 1] == 0).all()


def test_the_order_of_evaluation_rows_depends_on_the_sealed_labels() -> None:
    random = np.random.default_rng(0)
    inputs = {name: random.random((50, 3), dtype=np.float32) for name in ("train", "validation", "test")}
    labels = {name: random.integers(0, 3, 50) for name in inputs}
    order = permutations(inputs, labels)
    assert set(order) == {"validation", "test"}
    assert sorted(order["test"].tolist()) == list(range(50)) and order["test"].tolist() != list(range(50))
    flipped = labels | {"test": labels["test"].copy()}
    flipped["test"][0] = (flipped["test"][0] + 1) % 3
    again, other = permutations(inputs, labels), permutations(inputs, flipped)
    assert (again["test"] == order["test"]).all()
    assert (other["test"] != order["test"]).any() and (other["validation"] != order["validation"]).any()
