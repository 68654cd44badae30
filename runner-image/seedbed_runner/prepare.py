"""`prepare`: loads a dataset, removes duplicates, splits, normalises and seals it, once a dataset and split.

Run by hand or by a world's launcher before the first run that needs the dataset. Nothing is seen half
written: all is built in a folder beside and renamed at the end, under a lock that dies with its holder; so
of two at once the second waits and finds the work done, and what a killed one left is swept by the next.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from seedbed_runner import metrics
from seedbed_runner.baselines import baselines
from seedbed_runner.contract.hashing import PREPARED_FORMAT, content_hash, dataset_key
from seedbed_runner.contract.records import Card
from seedbed_runner.data import Inputs, Labels, Source, load
from seedbed_runner.errors import BadInput
from seedbed_runner.prepared import write_array, write_bytes, write_manifest
from seedbed_runner.split import Division, divide, overlap, permutations


def parse_dataset(origin: str, text: str) -> dict[str, Any]:
    """`spec.dataset` from JSON.

    Raises:
        BadInput: `text` is no JSON object; `origin` says where it was given.
    """
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{origin} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise BadInput(f"{origin} is no JSON object: give `spec.dataset` with every default filled in")
    return parsed


def prepare(dataset: Mapping[str, Any], into: Path) -> Path:
    """Prepare `dataset` below the folder `into`, unless that was done before.

    Args:
        dataset: `spec.dataset` with every default filled in.
        into: the root; the dataset's own folder is named by `dataset_key`.

    Returns:
        The path of `card.json`.

    Raises:
        BadInput: there is no such dataset, or it can't be split as asked.
        OSError: the disk is full, or `into` can't be written; nothing is left behind.
    """
    key = dataset_key(dataset)
    card = into / key / "public" / "card.json"
    if card.exists():
        return card
    into.mkdir(parents=True, exist_ok=True)
    with _alone(into / f".{key}.lock"):
        if not card.exists():
            part = into / f".{key}.part"
            shutil.rmtree(part, ignore_errors=True)
            try:
                _build(dataset, key, part)
                part.rename(into / key)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            _sync(into)
    return card


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(dataset: Mapping[str, Any], key: str, part: Path) -> None:
    try:
        source = load(dataset)
        divided = divide(source, dataset["split"])
    except KeyError as error:
        raise BadInput(
            f"the dataset's field {error} is missing: give every field of `spec.dataset`"
        ) from error
    inputs, labels = divided.inputs, divided.labels
    for name, order in permutations(inputs, labels).items():
        inputs[name], labels[name] = inputs[name][order], labels[name][order]
    data_hash = _write(part, source, divided)
    card = _card(dataset, key, source, divided, data_hash)
    write_bytes(part / "public" / "card.json", card.to_json())
    for folder in (part / "public", part / "sealed", part):
        _sync(folder)


def _write(part: Path, source: Source, divided: Division) -> str:
    public, sealed = part / "public", part / "sealed"
    public.mkdir(parents=True)
    sealed.mkdir(mode=0o700)
    for name in ("validation", "test"):
        write_array(sealed / f"{name}_labels.npy", divided.labels[name])
    for name, array in divided.inputs.items():
        write_array(public / f"{name}_inputs.npy", array)
    write_array(public / "train_labels.npy", divided.labels["train"])
    for name, data in divided.files.items():
        write_bytes(public / name, data)
    facts = task_facts(source, divided)
    more = {"task": facts} if facts else {}
    return write_manifest(public, classes=source.classes, sealed=write_manifest(sealed), **more)


def task_facts(source: Source, divided: Division) -> dict[str, Any]:
    """What a trainer must know beyond shapes and classes, as fields of `Task`; defaults are left out."""
    facts: dict[str, Any] = {}
    if source.task != "classification":
        facts["task"] = source.task
    if divided.vocabulary:
        facts["vocabulary"] = divided.vocabulary
    for name in ("scaling", "target"):
        if (scaling := getattr(divided, name)) is not None:
            facts[name] = asdict(scaling)
    return facts


def _card(dataset: Mapping[str, Any], key: str, source: Source, divided: Division, data_hash: str) -> Card:
    inputs, labels = divided.inputs, divided.labels
    classification = source.task == "classification"
    counts = np.bincount(labels["train"]) if classification else np.ones(1)
    sizes = {name: len(labels[name]) for name in ("train", "validation", "test")}
    share = np.bincount(labels["validation"]).max() / sizes["validation"] if classification else 0.0
    return Card(
        key=key,
        name=str(dataset["name"]),
        title=source.title,
        kind=source.kind,
        input_shape=list(inputs["train"].shape[1:]),
        classes=source.classes,
        sizes=sizes,
        chance=float(share),
        imbalance=float(counts.max() / counts[counts > 0].min()),
        baselines=baselines(divided),
        duplicates_removed=divided.dropped,
        source_hash=_source_hash(source),
        data_hash=data_hash,
        leakable=source.leakable,
        versions=_versions(),
        bayes_accuracy=source.bayes_accuracy,
        dataset=dict(dataset),
        overlap=overlap(inputs),
        task=source.task,
        metric=source.metric,
        refused=metrics.refusals({name: labels[name] for name in ("validation", "test")}, source.classes),
        class_names=list(source.class_names),
        vocabulary=divided.vocabulary,
        notes=divided.notes,
        provenance=_provenance(source),
    )


def _provenance(source: Source) -> dict[str, Any]:
    return {} if source.provenance is None else asdict(source.provenance)


def _source_hash(source: Source) -> str:
    """Of the data before the split: arrays by their bytes, raw rows by their digests."""
    if isinstance(source.inputs, np.ndarray):
        inputs = _array_hash(source.inputs)
    else:
        digest = hashlib.sha256(b"".join(source.inputs.digests())).hexdigest()
        inputs = ["raw", [len(source.inputs)], digest]
    return content_hash([inputs, _array_hash(source.labels)])


def _array_hash(array: Inputs | Labels) -> list[Any]:
    digest = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
    return [array.dtype.str, list(array.shape), digest]


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "prepared_format": str(PREPARED_FORMAT),
    }


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
