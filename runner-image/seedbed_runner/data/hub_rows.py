"""Rows of the `datasets` library as arrays: labels, texts, images and tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.data.hub_columns import ColumnChoice
from seedbed_runner.data.source import Labels
from seedbed_runner.data.table import Table
from seedbed_runner.errors import BadInput

MAX_CLASSES = 1000


@dataclass(frozen=True)
class LabelColumn:
    """A target: values (rows), how many classes, and their names; a regression has one class."""

    values: Labels
    classes: int
    names: tuple[str, ...] = ()


def labels(rows: Any, columns: ColumnChoice, name: str) -> LabelColumn:
    """The target of all rows.

    Raises:
        BadInput: it is no number for a regression, or has too many values for classes.
    """
    feature, values = rows.features[columns.target], _pandas(rows, columns.target)
    if columns.task == "regression":
        try:
            return LabelColumn(values.to_numpy(dtype=np.float32), 1)
        except (ValueError, TypeError) as error:
            raise BadInput(f"{name}: the column {columns.target} holds no numbers to regress on") from error
    if names := getattr(feature, "names", None):
        return LabelColumn(values.to_numpy(dtype=np.int64), len(names), tuple(names))
    found = sorted(values.unique(), key=lambda value: (str(type(value)), value))
    if len(found) > MAX_CLASSES or len(found) < 2:
        raise BadInput(
            f"{name}: the column {columns.target} has {len(found)} different values, which are no classes: "
            "name another `target`, or say `task: regression`"
        )
    codes = {value: code for code, value in enumerate(found)}
    return LabelColumn(
        np.array([codes[value] for value in values], dtype=np.int64), len(found), tuple(map(str, found))
    )


def _pandas(rows: Any, column: str) -> Any:
    return rows.select_columns([column]).to_pandas()[column]


def texts(rows: Any, columns: ColumnChoice, name: str) -> tuple[list[str], ...]:
    """The texts of all rows: a list for each of the one or two.

    Raises:
        BadInput: a column holds no text.
    """
    for column in (column for group in columns.inputs for column in group):
        if getattr(rows.features[column], "dtype", "") not in ("string", "large_string"):
            raise BadInput(f"{name}: the column {column} holds no text")
    groups = [[_pandas(rows, column).fillna("") for column in group] for group in columns.inputs]
    return tuple([" ".join(parts) for parts in zip(*group, strict=True)] for group in groups)


def images(rows: Any, columns: ColumnChoice, name: str) -> NDArray[np.uint8]:
    """All images, as rows × channels × height × width; grey ones have one channel, others three.

    Raises:
        BadInput: their sizes differ, or they can't be read.
    """
    column = columns.inputs[0][0]
    try:
        pictures = list(rows[column])
    except OSError as error:
        raise BadInput(f"{name}: an image of the column {column} can't be read: {error}") from error
    sizes = {picture.size for picture in pictures}
    if len(sizes) > 1:
        raise BadInput(
            f"{name}: the images have {len(sizes)} sizes, from {min(sizes)} to {max(sizes)}: "
            "bring them in one"
        )
    mode = "L" if all(picture.mode in ("L", "1") for picture in pictures) else "RGB"
    pixels = np.stack([np.asarray(picture.convert(mode), dtype=np.uint8) for picture in pictures])
    if mode == "L":
        return pixels[:, np.newaxis]
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def table_of(rows: Any, columns: ColumnChoice, name: str) -> Table:
    """The columns of a table, numbers and categories apart.

    Raises:
        BadInput: a column holds neither.
    """
    numbers, categories = [], []
    for (column,) in columns.inputs:
        feature = rows.features[column]
        kind = getattr(feature, "dtype", "")
        if kind in ("string", "large_string") or getattr(feature, "names", None):
            categories.append(column)
        elif kind.startswith(("int", "uint", "float", "bool")):
            numbers.append(column)
        else:
            raise BadInput(f"{name}: the column {column} holds neither numbers nor text")
    frame = rows.select_columns([*numbers, *categories]).to_pandas()
    words = np.full((len(frame), len(categories)), None, dtype=object)
    for place, column in enumerate(categories):
        known = frame[column].notna().to_numpy()
        words[known, place] = [str(value) for value in frame[column][known]]
    return Table(
        frame[numbers].to_numpy(dtype=np.float64, na_value=np.nan),
        words,
        tuple(numbers),
        tuple(categories),
    )
