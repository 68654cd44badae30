"""`table:NAME`: a CSV or Parquet file of one's own, with a target column."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seedbed_runner.data._fields import require_unset
from seedbed_runner.data._origin import of_files
from seedbed_runner.data.source import Ints, Part, Source
from seedbed_runner.errors import BadInput
from seedbed_runner.sources.frames import feature_columns, table_of, target_column, target_of
from seedbed_runner.sources.places import folder_name
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.tables import Files, read_table, require_table


def load(dataset: Mapping[str, Any]) -> Source:
    """The rows, raw; what is missing in them is filled in by what is fitted on train.

    Raises:
        BadInput: there is no such file, or no such column.
    """
    require_unset(dataset, "text", "tokens", "revision", "size")
    name, settings = folder_name(str(dataset["name"])), SourceSettings.from_environment()
    return from_files(f"Table {name}", require_table(name, settings), dataset, settings)


def from_files(title: str, files: Files, dataset: Mapping[str, Any], settings: SourceSettings) -> Source:
    """A table of one file, or of a train and a test file.

    A test file without values in the target column can score nothing: it is left out, and the card says so.
    """
    where, train = str(files.train), read_table(files.train)
    target = target_column(train, dataset.get("target"), where)
    columns = feature_columns(train, target, dataset.get("features"), where)
    frame, parts, notes = train[[*columns, target]], None, []
    if files.test:
        test = read_table(files.test)
        if target in test and not test[target].isna().all():
            frame, parts = _joined(frame, test, columns, target, files)
        else:
            notes.append(f"{files.test.name} has no values of {target}: the test split is cut from train")
    predicted = target_of(frame[target], dataset.get("task"), where)
    if dataset.get("task") is None:
        notes.append(f"the target {target} is taken for a {predicted.task}'s, by its values")
    assert settings.data is not None
    return Source(
        title=title,
        kind="tabular",
        inputs=table_of(frame, columns, where),
        labels=predicted.values,
        classes=len(predicted.classes) or 1,
        leakable=False,
        task=predicted.task,
        class_names=predicted.classes,
        parts=parts,
        notes=tuple(notes),
        provenance=of_files(settings.data, files.all),
    )


def _joined(
    frame: Any, test: Any, columns: list[str], target: str, files: Files
) -> tuple[Any, Mapping[Part, Ints]]:
    """Both files' rows, the train file's first."""
    if lacking := [column for column in columns if column not in test]:
        raise BadInput(f"{files.test} has no column {lacking[0]!r}, which {files.train.name} has")
    whole = pd.concat([frame, test[[*columns, target]]], ignore_index=True)
    rows = np.arange(len(whole))
    return whole, {"train": rows[: len(frame)], "test": rows[len(frame) :]}
