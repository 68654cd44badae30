"""From a data frame to what a loader gives: a raw table, labels, and what was decided about them.

numbers and yes/no        numeric columns; everything that is no number is a gap
words                     categorical columns, as they are written
the target                classes where it holds words, yes/no, or at most twenty different whole numbers;
else values to regress on. The manifest's `task` overrules it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from seedbed_runner.contract.layers.check import near
from seedbed_runner.data.source import Labels, TaskName
from seedbed_runner.data.table import Table
from seedbed_runner.errors import BadInput

TARGETS = ("target", "label", "class", "y")  # what the column is called where the manifest does not say
MOST_WHOLE_NUMBERS = 20
MOST_CLASSES = 1000
# What pandas may find in a column of objects that can be written as words.
_AS_WORDS = ("string", "mixed-integer", "boolean", "empty", "integer", "floating", "mixed-integer-float")


@dataclass(frozen=True)
class Target:
    """What is predicted: `values` (rows), and the classes' names in the order of their numbers."""

    values: Labels
    task: TaskName
    classes: tuple[str, ...] = ()


def target_column(frame: Any, asked: str | None, where: str) -> str:
    """The name of the column that is predicted.

    Raises:
        BadInput: it is not there; or none is named, and none or several have a usual name.
    """
    columns = list(frame.columns)
    if asked is not None:
        _require([asked], columns, where)
        return asked
    usual = [column for column in columns if column.strip().lower() in TARGETS]
    if len(usual) == 1:
        return str(usual[0])
    which = f"{' and '.join(usual)} could both be" if usual else "none is named " + " or ".join(TARGETS)
    raise BadInput(
        f"{where}: which column is predicted? {which}: name it as `target` in spec.dataset; "
        f"there are: {_listed(columns)}"
    )


def feature_columns(frame: Any, target: str, asked: Sequence[str] | None, where: str) -> list[str]:
    """The columns that are learnt from: those asked for, or all others."""
    columns = [str(column) for column in frame.columns if column != target]
    if asked:
        _require(asked, columns, where)
        columns = list(asked)
    if not columns:
        raise BadInput(f"{where} has no column but the target {target!r}: there is nothing to learn from")
    return columns


def _require(names: Sequence[str], columns: Sequence[str], where: str) -> None:
    for name in names:
        if name not in columns:
            hint = near(name, list(columns))
            there_are = f"{hint} There are" if hint else "; there are"
            raise BadInput(f"{where} has no column {name!r}{there_are}: {_listed(columns)}")


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(map(str, columns[:30])) + (", …" if len(columns) > 30 else "")


def table_of(frame: Any, columns: Sequence[str], where: str) -> Table:
    """The columns as a raw table.

    Raises:
        BadInput: a column holds neither numbers nor words, or a number is infinite.
    """
    numeric = [column for column in columns if _is_number(frame[column])]
    words = [column for column in columns if column not in numeric]
    numbers = np.empty((len(frame), len(numeric)))
    for place, column in enumerate(numeric):
        numbers[:, place] = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers[:, place]).any():
            raise BadInput(f"{where}: the column {column!r} holds an infinite number: correct or empty it")
    categories = np.full((len(frame), len(words)), None, dtype=object)
    for place, column in enumerate(words):
        categories[:, place] = _words(frame[column], where)
    return Table(numbers, categories, tuple(numeric), tuple(words))


def target_of(series: Any, task: TaskName | None, where: str) -> Target:
    """The target column's values.

    Raises:
        BadInput: there are gaps, too many classes or only one, or words where numbers are asked for.
    """
    if gaps := int(series.isna().sum()):
        raise BadInput(f"{where}: {gaps} of {len(series)} rows have no value in the target {series.name!r}")
    numeric = _is_number(series)
    if task is None:
        task = "classification" if not numeric or _few_whole(series) else "regression"
    if task == "classification":
        return _classes(series, where)
    if not numeric:
        raise BadInput(f"{where}: the target {series.name!r} holds words: a regression needs numbers")
    values = series.to_numpy(dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadInput(f"{where}: the target {series.name!r} holds a number that is not finite")
    return Target(values, "regression")


def _few_whole(series: Any) -> bool:
    values = series.to_numpy(dtype=np.float64)
    return bool((values == np.floor(values)).all()) and len(np.unique(values)) <= MOST_WHOLE_NUMBERS


def _classes(series: Any, where: str) -> Target:
    if _is_number(series):
        found, labels = np.unique(series.to_numpy(dtype=np.float64), return_inverse=True)
        names = tuple(f"{value:g}" for value in found)
    else:
        words, labels = np.unique(_words(series, where).astype(str), return_inverse=True)
        names = tuple(str(word) for word in words)
    if not 2 <= len(names) <= min(MOST_CLASSES, len(series) // 2):
        raise BadInput(
            f"{where}: the target {series.name!r} has {len(names)} different values in {len(series)} rows, "
            "which are no classes: name another column, or give `task: regression`"
        )
    return Target(labels.astype(np.int64), "classification", names)


def _is_number(series: Any) -> bool:
    return bool(types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype))


def _words(series: Any, where: str) -> NDArray[np.object_]:
    if not (types.is_string_dtype(series.dtype) or isinstance(series.dtype, pd.CategoricalDtype)):
        kind = types.infer_dtype(series, skipna=True)
        if kind not in _AS_WORDS:
            raise BadInput(
                f"{where}: the column {series.name!r} holds {kind} values, neither numbers nor words: "
                "name the columns to learn from as `features` in spec.dataset"
            )
    gaps = series.isna().to_numpy()
    values = series.astype(object).to_numpy()
    words = [None if gap else str(value) for value, gap in zip(values, gaps, strict=True)]
    return np.array(words, dtype=object)
