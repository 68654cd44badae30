"""Titanic, Adult, Credit Card Fraud, and any other table of OpenML as `openml:ID`."""

from collections.abc import Mapping
from typing import Any

from seedbed_runner.data import own_table
from seedbed_runner.data._fields import require_unset
from seedbed_runner.data._origin import provenance
from seedbed_runner.data.source import Source
from seedbed_runner.errors import BadInput
from seedbed_runner.sources.frames import feature_columns, table_of, target_of
from seedbed_runner.sources.openml import SETS, OpenMLSet, by_id, load_openml
from seedbed_runner.sources.places import allowed_by, folder_name
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.tables import find_table


def load(dataset: Mapping[str, Any]) -> Source:
    """The rows, raw.

    Raises:
        BadInput: they are not here and may not be downloaded, or there is no such column.
        Infrastructure: a download failed.
    """
    name, settings = str(dataset["name"]), SourceSettings.from_environment()
    known = SETS.get(name)
    require_unset(dataset, "text", "tokens", "revision", "size", *(["target", "task"] if known else []))
    wanted = known or _asked(name, dataset)
    if known and (files := find_table(name, settings)):
        if not settings.allow_unverified:
            raise BadInput(
                f"{files.train} has no checksum that tells it from OpenML's {name}: name it as table:{name}, "
                f"or {allowed_by(settings)}"
            )
        columns = {"target": known.target, "features": dataset.get("features")}
        return own_table.from_files(f"{known.title} (a file of one's own)", files, columns, settings)
    return _source(wanted, dataset, settings)


def _asked(name: str, dataset: Mapping[str, Any]) -> OpenMLSet:
    found = by_id(int(folder_name(name)))
    return OpenMLSet(found.name, found.data_id, found.title, target=dataset.get("target"))


def _source(wanted: OpenMLSet, dataset: Mapping[str, Any], settings: SourceSettings) -> Source:
    frame, origin, target = load_openml(wanted, settings)
    asked = dataset.get("features")
    columns = feature_columns(frame, target, asked, wanted.name)
    if asked is None:
        columns = [column for column in columns if column not in wanted.left_out]
    predicted = target_of(frame[target], dataset.get("task"), wanted.name)
    left = f"left out: {', '.join(wanted.left_out)} ({wanted.why})"
    return Source(
        title=wanted.title,
        kind="tabular",
        inputs=table_of(frame, columns, wanted.name),
        labels=predicted.values,
        classes=len(predicted.classes) or 1,
        leakable=True,
        task=predicted.task,
        class_names=predicted.classes,
        metric=wanted.metric,
        notes=(left,) if wanted.left_out and asked is None else (),
        provenance=provenance(origin),
    )
