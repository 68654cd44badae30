"""Names and hashes of what a run depends on. One place, so that both sides compute the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

PREPARED_FORMAT = 2  # raise it when `prepare` writes something else for the same data


def canonical_json(value: Any) -> bytes:
    """`value` as JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def content_hash(value: Any) -> str:
    """`sha256:` and the hex digest of a JSON value's canonical form."""
    return bytes_hash(canonical_json(value))


def bytes_hash(data: bytes) -> str:
    """`sha256:` and the hex digest of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dataset_key(dataset: Mapping[str, Any]) -> str:
    """The folder name of a prepared dataset: 16 hex digits of its specification's hash.

    `dataset` is the manifest's `spec.dataset` with every default filled in.
    """
    return content_hash({"format": PREPARED_FORMAT, "dataset": dataset})[7:23]


def experiment_hash(model: Mapping[str, Any], training: Mapping[str, Any], data_hash: str) -> str:
    """The identity of a configuration: model, training and the data's content hash."""
    return content_hash({"model": model, "training": training, "data": data_hash})
