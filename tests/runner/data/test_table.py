import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from seedbed_runner.data.table import MAX_CATEGORIES, Table


def table(numbers: object, categories: object) -> Table:
    reals, words = np.array(numbers, dtype=np.float64), np.array(categories, dtype=object)
    return Table(
        reals,
        words,
        tuple(f"n{i}" for i in range(reals.shape[1])),
        tuple(f"c{i}" for i in range(words.shape[1])),
    )


TRAIN = table([[1, np.nan], [3, 4], [5, 8]], [["a"], ["b"], [None]])


def test_gaps_become_the_train_rows_median_and_a_column_says_where_they_were() -> None:
    encoded = TRAIN.fit().encode(table([[3, np.nan]], [["a"]]))
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    due = numbers.fit(TRAIN.numbers).transform([[3, np.nan]])
    assert encoded.dtype == np.float32 and encoded[:, :3] == pytest.approx(due)


def test_a_gap_is_a_category_and_an_unknown_one_is_nothing() -> None:
    encoder = TRAIN.fit()
    assert encoder.encode(TRAIN)[:, 3:].tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert encoder.encode(table([[1, 1]], [["z"]]))[:, 3:].tolist() == [[0, 0, 0]]


def test_rare_categories_share_a_column() -> None:
    words = [[f"w{i}"] for i in range(100) for _ in range(100 - i)]
    rows = table(np.empty((len(words), 0)), words)
    encoded = rows.fit().encode(rows)
    assert encoded.shape[1] == MAX_CATEGORIES and (encoded.sum(axis=1) == 1).all()
    assert encoded[-1, -1] == 1


def test_equal_rows_have_equal_digests_and_a_gap_is_like_a_gap() -> None:
    rows = table([[np.nan], [float("nan")], [0.0], [-0.0], [0.0]], [["a"], ["a"], ["a"], ["a"], [None]])
    digests = list(rows.digests())
    assert digests[0] == digests[1] and digests[2] == digests[3] and len(set(digests)) == 3


def test_the_pipeline_is_that_of_a_column_transformer() -> None:
    random = np.random.default_rng(0)
    rows = table(random.normal(size=(40, 3)), random.choice(["x", "y", "z"], size=(40, 2)))
    whole = ColumnTransformer(
        [("numbers", StandardScaler(), [0, 1, 2]), ("words", OneHotEncoder(sparse_output=False), [3, 4])]
    )
    due = whole.fit_transform(np.hstack([rows.numbers.astype(object), rows.categories]))
    assert rows.fit().encode(rows) == pytest.approx(due.astype(np.float32), abs=1e-6)


def test_the_card_is_told_of_gaps() -> None:
    assert TRAIN.fit().notes() == [
        "2 numeric and 1 categorical columns, encoded by what the train split holds",
        "2 values of the train split are missing: medians stand for numbers",
    ]
