"""`load`: has a dataset loaded, which brings it into the cache and checks it, and says what it is.

Run by `research-agent datasets fetch` and, offline, by `check`, in a process of its own.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from seedbed_runner.data import Source, load


def describe(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """What a dataset is, once it was loaded: for people and programs.

    Raises:
        BadInput: it is not here and may not be downloaded, or is something else.
        Infrastructure: a download failed.
    """
    source = load(dataset)
    return {
        "name": dataset["name"],
        "title": source.title,
        "kind": source.kind,
        "task": source.task,
        "rows": len(source.labels),
        "test_rows": _official(source),
        "classes": source.classes,
        "class_names": list(source.class_names[:100]),
        "notes": list(source.notes),
        "provenance": asdict(source.provenance) if source.provenance else None,
    }


def _official(source: Source) -> int | None:
    """Rows of the official test split; None: there is none, and the manifest's split divides."""
    return None if source.parts is None else len(source.parts["test"])
