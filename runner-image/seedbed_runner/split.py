"""How a dataset is divided, encoded and normalised: pure functions, in the order `prepare` calls them.

What a run is scored on depends on these lines alone; change one and `contract.hashing.PREPARED_FORMAT` must
rise with it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from seedbed_runner.data import Encoder, Floats, Inputs, Ints, Kind, Labels, Raw, Source
from seedbed_runner.errors import BadInput
from seedbed_runner.scaling import Scaling, pixel_scaling, target_scaling


@dataclass(frozen=True)
class Division:
    """A dataset, divided: arrays by name of the split, distinct rows in the source's order.

    Attributes:
        inputs: ready for a model, but for `scaling`.
        labels: int64 classes, or float32 values in their own unit.
        scaling: of inputs that stay bytes; the device applies it, batch by batch.
        target: of a regression's values; a model is trained on the scaled ones.
        vocabulary: token ids are below it; 0: the inputs are no tokens.
        files: what is kept beside the arrays, by name.
        notes: sentences for the card.
        dropped: rows that were left out, since an equal one is kept.
    """

    inputs: dict[str, Inputs]
    labels: dict[str, Labels]
    scaling: Scaling | None = None
    target: Scaling | None = None
    vocabulary: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dropped: int = 0


def divide(source: Source, split: Mapping[str, Any]) -> Division:
    """Inputs and labels of `train`, `validation` and `test`, with what was fitted on train.

    Args:
        source: the dataset.
        split: `spec.dataset.split`.

    Raises:
        BadInput: it can't be split as asked, or holds what is no number.
    """
    rows = official_rows(source, split) if source.parts else _drawn_rows(source, split)
    labels = {name: source.labels[part] for name, part in rows.items()}
    dropped = len(source.labels) - sum(map(len, rows.values()))
    encoder: Encoder | None = None
    if isinstance(source.inputs, np.ndarray):
        raw = {name: source.inputs[part] for name, part in rows.items()}
    else:
        encoder = source.inputs.take(rows["train"]).fit()
        raw = {name: encoder.encode(source.inputs.take(part)) for name, part in rows.items()}
    byte_pixels = raw["train"].dtype == np.uint8
    ready = raw if encoder or source.kind == "text" or byte_pixels else normalise(raw, source.kind)
    _refuse_gaps(ready, labels)
    return Division(
        inputs=ready,
        labels=labels,
        scaling=pixel_scaling(raw["train"]) if byte_pixels else None,
        target=target_scaling(labels["train"]) if source.task == "regression" else None,
        vocabulary=encoder.vocabulary if encoder else source.vocabulary,
        files=encoder.files() if encoder else {},
        notes=[*source.notes, *(encoder.notes() if encoder else [])],
        dropped=dropped,
    )


def _drawn_rows(source: Source, split: Mapping[str, Any]) -> dict[str, Ints]:
    """Distinct rows, divided at random by the split's seed."""
    kept = distinct_rows(source.inputs)
    return {name: kept[part] for name, part in split_rows(source.labels[kept], split).items()}


def official_rows(source: Source, split: Mapping[str, Any]) -> dict[str, Ints]:
    """The official division: test as it is, and of the others what equals no row that is scored.

    Validation is cut from train, by its share of the train rows, where there is no official one. The scored
    rows stay as they are, or their scores could not be compared with those of others.

    Raises:
        BadInput: nothing to train on is left, or a stratified cut is impossible.
    """
    assert source.parts is not None
    digests = list(_digests(source.inputs))
    seen: set[bytes] = set()
    parts: dict[str, Ints] = {}
    for name in ("test", "validation", "train"):
        rows = np.sort(source.parts.get(name, np.empty(0, np.int64)))
        if name != "test":
            rows = _unseen(rows, digests, seen)
        seen.update(digests[row] for row in rows)
        parts[name] = rows
    if len(parts["validation"]) == 0:
        cut = _cut(source.labels[parts["train"]], split)
        train = parts["train"]
        parts |= {name: train[part] for name, part in cut.items()}
    if min(map(len, parts.values())) < 1:
        raise BadInput("the official division leaves a part empty: there is nothing to train or score on")
    return parts


def _unseen(rows: Ints, digests: list[bytes], seen: set[bytes]) -> Ints:
    """The first row of each kind that was not seen before."""
    first: dict[bytes, int] = {}
    for row in rows:
        if digests[row] not in seen:
            first.setdefault(digests[row], int(row))
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def _cut(labels: Labels, split: Mapping[str, Any]) -> dict[str, Ints]:
    """Train rows into train and validation."""
    rows, size = np.arange(len(labels)), round(float(split["validation"]) * len(labels))
    if not 0 < size < len(rows):
        raise BadInput(f"{len(rows)} train rows can't be divided into train and validation by {dict(split)}")
    train, validation = _halve(rows, size, labels, split, "validation")
    return {"train": np.sort(train), "validation": np.sort(validation)}


def distinct_rows(inputs: Inputs | Raw) -> Ints:
    """Indices of the rows that equal no earlier row: a duplicate must not sit on both sides of a split."""
    first: dict[bytes, int] = {}
    for index, digest in enumerate(_digests(inputs)):
        first.setdefault(digest, index)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def overlap(inputs: Mapping[str, Inputs]) -> dict[str, int]:
    """By pair of splits, how many rows of the second equal a row of the first: counted on what is written.

    Zero for arrays that `divide` made, since it keeps distinct rows; rows that were distinct can become equal
    when they are encoded, and a split that comes with a dataset may hold anything.
    """
    seen = {name: list(_digests(part)) for name, part in inputs.items()}
    pairs = (("train", "validation"), ("train", "test"), ("validation", "test"))
    return {f"{one}_{other}": sum(map(set(seen[one]).__contains__, seen[other])) for one, other in pairs}


def _digests(inputs: Inputs | Raw) -> Iterator[bytes]:
    if not isinstance(inputs, np.ndarray):
        return inputs.digests()
    return (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in inputs)


def split_rows(labels: Labels, split: Mapping[str, Any]) -> dict[str, Ints]:
    """Indices of `train`, `validation` and `test`, each in the source's order.

    Args:
        labels: of the rows to divide; those of a regression can't be stratified, and are not.
        split: `spec.dataset.split`; `test` and `validation` are shares of all rows.

    Raises:
        BadInput: a part would be empty, or a class is too small for a stratified split.
    """
    rows = np.arange(len(labels))
    sizes = {name: round(float(split[name]) * len(rows)) for name in ("test", "validation")}
    if min(sizes.values()) < 1 or sum(sizes.values()) >= len(rows):
        raise BadInput(f"{len(rows)} rows can't be divided into train, validation and test by {dict(split)}")
    parts = {}
    for name in ("test", "validation"):
        rows, parts[name] = _halve(rows, sizes[name], labels, split, name)
    parts["train"] = rows
    return {name: np.sort(part) for name, part in parts.items()}


def _halve(rows: Ints, size: int, labels: Labels, split: Mapping[str, Any], part: str) -> tuple[Ints, Ints]:
    """The rows without `size` of them, and these."""
    stratum = labels[rows] if split["stratify"] and labels.dtype.kind == "i" else None
    try:
        rest, cut = train_test_split(rows, test_size=size, stratify=stratum, random_state=int(split["seed"]))
    except ValueError as error:
        raise BadInput(_too_small(labels, size, part)) from error
    return rest, cut


def _too_small(labels: Labels, size: int, part: str) -> str:
    counts = np.bincount(labels)
    return (
        f"a stratified split is impossible: class {counts.argmin()} has {counts.min()} of {len(labels)} rows "
        f"and {part} would hold {size} for {len(counts)} classes; use larger shares or `stratify: false`"
    )


def normalise(parts: dict[str, Floats], kind: Kind) -> dict[str, Floats]:
    """Zero mean and unit deviation, fitted on `train` alone: by channel for images, by feature for tables."""
    train = parts["train"]
    if kind == "tabular":
        scaler = StandardScaler().fit(train)
        return {name: scaler.transform(part).astype(np.float32) for name, part in parts.items()}
    pixels = (0, 2, 3)  # of (rows, channels, height, width)
    mean = train.mean(axis=pixels, keepdims=True, dtype=np.float64).astype(np.float32)
    deviation = train.std(axis=pixels, keepdims=True, dtype=np.float64).astype(np.float32)
    deviation[deviation == 0] = 1.0
    return {name: (part - mean) / deviation for name, part in parts.items()}


def _refuse_gaps(inputs: Mapping[str, Inputs], labels: Mapping[str, Labels]) -> None:
    for what, parts in (("inputs", inputs), ("labels", labels)):
        for name, part in parts.items():
            if part.dtype.kind == "f" and not np.isfinite(part).all():
                raise BadInput(
                    f"the {what} of the {name} split hold values that are missing or infinite: repair them"
                )


def permutations(parts: dict[str, Inputs], labels: dict[str, Labels]) -> dict[str, Ints]:
    """A new order of the rows of `validation` and `test`, seeded by a hash of their labels and all inputs.

    Who does not have the labels can't compute it: the order of rows gives nothing away.
    """
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(np.ascontiguousarray(parts[name]).data)
        digest.update(np.ascontiguousarray(labels[name]).data)
    streams = np.random.SeedSequence(int.from_bytes(digest.digest(), "big")).spawn(2)
    return {
        name: np.random.default_rng(stream).permutation(len(labels[name]))
        for name, stream in zip(("test", "validation"), streams, strict=True)
    }
