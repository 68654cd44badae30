"""Raw tables: columns of numbers and of categories, either with gaps, and the pipeline that makes features.

A loader of a table gives a `Table` as its source's inputs; scikit-learn's pipeline is fitted on the train
rows. Numbers: a gap becomes the median, and a column more says where there were gaps; then zero mean and unit
deviation. Categories: one column each for the most frequent ones, one for all rarer ones together, and a gap
is a category of its own; one that train does not have counts as rare, or as nothing where none is rare.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from seedbed_runner.data.source import Floats, Ints

MAX_CATEGORIES = 64  # columns that one categorical column can become
GAP = "\0"  # no file has a category of this name


@dataclass(frozen=True)
class Table:
    """Rows of a table without its target.

    Attributes:
        numbers: rows × numeric columns, float64; NaN is a gap.
        categories: rows × categorical columns, str as objects; None is a gap.
        number_names, category_names: the columns' names.
    """

    numbers: NDArray[np.float64]
    categories: NDArray[np.object_]
    number_names: tuple[str, ...]
    category_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Ints) -> Self:
        """Some of the rows, by index."""
        return type(self)(self.numbers[rows], self.categories[rows], self.number_names, self.category_names)

    def digests(self) -> Iterator[bytes]:
        """One digest a row; all gaps are alike."""
        numbers = np.where(np.isnan(self.numbers), np.nan, self.numbers) + 0.0  # one NaN, one zero
        for values, words in zip(numbers, self.categories, strict=True):
            digest = hashlib.blake2b(values.tobytes(), digest_size=16)
            digest.update(repr(tuple(words)).encode())
            yield digest.digest()

    def fit(self) -> "TableEncoder":
        """The pipeline, fitted on these rows."""
        numbers, categories = _number_pipeline(), _category_encoder()
        if self.number_names:
            numbers.fit(self.numbers)
        if self.category_names:
            categories.fit(_named(self.categories))
        return TableEncoder(numbers, categories, self)


def _number_pipeline() -> Pipeline:
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )


def _category_encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False,
        dtype=np.float32,
    )  # fmt: skip


def _named(categories: NDArray[np.object_]) -> NDArray[np.object_]:
    """The categories with each gap as a category of its own."""
    return np.where(np.equal(categories, None), GAP, categories)  # type: ignore[call-overload]


@dataclass(frozen=True)
class TableEncoder:
    """The fitted pipeline of a table."""

    _numbers: Any
    _categories: Any
    _fitted_on: Table

    vocabulary = 0

    def encode(self, rows: Table) -> Floats:
        """Rows × features, float32."""
        parts = []
        if rows.number_names:
            parts.append(self._numbers.transform(rows.numbers).astype(np.float32))
        if rows.category_names:
            parts.append(self._categories.transform(_named(rows.categories)))
        return np.hstack(parts)

    def files(self) -> dict[str, bytes]:
        """None: the encoded arrays are all that training needs."""
        return {}

    def notes(self) -> list[str]:
        """How the columns were turned into features."""
        table = self._fitted_on
        gaps = int(np.isnan(table.numbers).sum() + np.equal(table.categories, None).sum())  # type: ignore[call-overload]
        said = [
            f"{len(table.number_names)} numeric and {len(table.category_names)} categorical columns, "
            f"encoded by what the train split holds"
        ]
        if gaps:
            said.append(f"{gaps} values of the train split are missing: medians stand for numbers")
        return said
