"""How a dataset is divided and normalised: pure functions on arrays, in the order `prepare` calls them.

What a run is scored on depends on these lines alone; change one and `contract.hashing.PREPARED_FORMAT` must
rise with it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from seedbed_runner.data import Floats, Ints, Source
from seedbed_runner.errors import BadInput


def divide(source: Source, split: Mapping[str, Any]) -> tuple[dict[str, Floats], dict[str, Ints]]:
    """Normalised inputs and labels of `train`, `validation` and `test`: distinct rows in the source's order.

    Args:
        source: the dataset.
        split: `spec.dataset.split`.

    Raises:
        BadInput: it can't be split as asked.
    """
    kept = distinct_rows(source.inputs)
    rows = split_rows(source.labels[kept], split)
    labels = {name: source.labels[kept[part]] for name, part in rows.items()}
    return normalise({name: source.inputs[kept[part]] for name, part in rows.items()}, source.kind), labels


def distinct_rows(inputs: Floats) -> Ints:
    """Indices of the rows that equal no earlier row: a duplicate must not sit on both sides of a split."""
    first: dict[bytes, int] = {}
    for index, digest in enumerate(_digests(inputs)):
        first.setdefault(digest, index)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def overlap(inputs: Mapping[str, Floats]) -> dict[str, int]:
    """By pair of splits, how many rows of the second equal a row of the first: counted on what is written.

    Zero for what `divide` made, since it keeps distinct rows; a split that comes with a dataset may differ.
    """
    seen = {name: list(_digests(part)) for name, part in inputs.items()}
    pairs = (("train", "validation"), ("train", "test"), ("validation", "test"))
    return {f"{one}_{other}": sum(map(set(seen[one]).__contains__, seen[other])) for one, other in pairs}


def _digests(inputs: Floats) -> Iterator[bytes]:
    return (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in inputs)


def split_rows(labels: Ints, split: Mapping[str, Any]) -> dict[str, Ints]:
    """Indices of `train`, `validation` and `test`, each in the source's order.

    Args:
        labels: of the rows to divide.
        split: `spec.dataset.split`; `test` and `validation` are shares of all rows.

    Raises:
        BadInput: a part would be empty, or a class is too small for a stratified split.
    """
    rows, seed = np.arange(len(labels)), int(split["seed"])
    sizes = {name: round(float(split[name]) * len(rows)) for name in ("test", "validation")}
    if min(sizes.values()) < 1 or sum(sizes.values()) >= len(rows):
        raise BadInput(f"{len(rows)} rows can't be divided into train, validation and test by {dict(split)}")
    parts = {}
    for name in ("test", "validation"):
        stratum = labels[rows] if split["stratify"] else None
        try:
            rows, parts[name] = train_test_split(
                rows, test_size=sizes[name], stratify=stratum, random_state=seed
            )
        except ValueError as error:
            raise BadInput(_too_small(labels, sizes[name], name)) from error
    parts["train"] = rows
    return {name: np.sort(part) for name, part in parts.items()}


def _too_small(labels: Ints, size: int, part: str) -> str:
    counts = np.bincount(labels)
    return (
        f"a stratified split is impossible: class {counts.argmin()} has {counts.min()} of {len(labels)} rows "
        f"and {part} would hold {size} for {len(counts)} classes; use larger shares or `stratify: false`"
    )


def normalise(parts: dict[str, Floats], kind: Literal["image", "tabular"]) -> dict[str, Floats]:
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


def permutations(parts: dict[str, Floats], labels: dict[str, Ints]) -> dict[str, Ints]:
    """A new order of the rows of `validation` and `test`, seeded by a hash of their labels and all inputs.

    Who does not have the labels can't compute it: the order of rows gives nothing away.
    """
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(np.ascontiguousarray(parts[name]).data)
        digest.update(labels[name].data)
    streams = np.random.SeedSequence(int.from_bytes(digest.digest(), "big")).spawn(2)
    return {
        name: np.random.default_rng(stream).permutation(len(labels[name]))
        for name, stream in zip(("test", "validation"), streams, strict=True)
    }
