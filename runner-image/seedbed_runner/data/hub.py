"""Datasets of Hugging Face's hub: those with a name of their own, and any `hf:OWNER/NAME[/CONFIG]`.

`sources.hub` brings the files; here rows become a `Source`. What a manifest does not say is guessed by the
rules of `hub_columns`, and what was guessed is said in the card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed_runner.data import hub_columns, hub_rows
from seedbed_runner.data._origin import provenance
from seedbed_runner.data.hub_splits import choose_splits
from seedbed_runner.data.hub_tasks import ALIASES, TASKS, HubTask
from seedbed_runner.data.source import Source
from seedbed_runner.data.texts import Texts, TokenSettings
from seedbed_runner.sources.cache import Origin
from seedbed_runner.sources.hub import Repository, fetch_hub
from seedbed_runner.sources.hub_reading import read
from seedbed_runner.sources.settings import SourceSettings

PREFIX = "hf:"


@dataclass(frozen=True)
class _Asked:
    """What a manifest asks for, and what is known of it."""

    dataset: Mapping[str, Any]
    task: HubTask | None
    repository: Repository


def load(dataset: Mapping[str, Any]) -> Source:
    """The dataset that `dataset["name"]` names.

    Raises:
        BadInput: it can't be had, or its columns can't be told apart.
        Infrastructure: a download failed.
    """
    settings = SourceSettings.from_environment()
    asked = _asked(dataset)
    folder, origin = fetch_hub(asked.repository, settings)
    with read(folder, asked.repository.name, asked.repository.config) as splits:
        return _source(asked, splits, origin, settings.data)


def is_of_hub(name: str) -> bool:
    """Whether the hub has the dataset of this name."""
    return name.startswith(PREFIX) or ALIASES.get(name, name) in TASKS


def repository_of(dataset: Mapping[str, Any]) -> Repository:
    """The repository of a dataset that the hub has."""
    return _asked(dataset).repository


def _asked(dataset: Mapping[str, Any]) -> _Asked:
    name, revision = str(dataset["name"]), dataset.get("revision")
    known = TASKS.get(ALIASES.get(name, name))
    if known:
        repo, commit = known.source
        return _Asked(dataset, known, Repository(name, repo, known.config, revision or commit))
    owner, short, *config = name.removeprefix(PREFIX).split("/", 2)
    repository = Repository(name, f"{owner}/{short}", config[0] if config else None, revision)
    return _Asked(dataset, None, repository)


def _source(asked: _Asked, splits: Any, origin: Origin, data: Path | None) -> Source:
    name = asked.repository.name
    columns = hub_columns.choose(asked.dataset, asked.task, splits[next(iter(splits))].features, name)
    chosen = choose_splits(splits, columns.target, name)
    table, parts = chosen.joined(columns.needed)
    labels = hub_rows.labels(table, columns, name)
    inputs: Any
    if columns.kind == "text":
        tokens = TokenSettings.of(asked.dataset, data, asked.task.length if asked.task else 128)
        inputs = Texts(hub_rows.texts(table, columns, name), tokens)
    elif columns.kind == "image":
        inputs = hub_rows.images(table, columns, name)
    else:
        inputs = hub_rows.table_of(table, columns, name)
    return Source(
        title=asked.task.title if asked.task else name.removeprefix(PREFIX),
        kind=columns.kind,
        inputs=inputs,
        labels=labels.values,
        classes=labels.classes,
        leakable=True,
        task=columns.task,
        class_names=labels.names,
        parts=parts,
        metric=asked.task.metric if asked.task else None,
        notes=(*columns.notes, *chosen.notes, *origin.remarks),
        provenance=provenance(origin),
    )
