"""The folder of a prepared dataset: its names, its manifests, and the chain of hashes that binds them.

    <root>/<dataset key>/public/   train_inputs, train_labels, validation_inputs, test_inputs (.npy),
                                   what an encoder keeps (a tokenizer), manifest.json, card.json
    <root>/<dataset key>/sealed/   validation_labels, test_labels (.npy), manifest.json

A manifest lists sha256 and size of each file; the public one also holds the number of classes, what else a
trainer must know (`task`: fields of `workfolder.Task`, where they are not the defaults) and the hash of the
sealed one, and `data_hash` is the hash of the public manifest: who is told a `data_hash` can check
every byte. Written by `prepare`, read by `fetch` and `score`.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.hashing import canonical_json, content_hash
from seedbed_runner.errors import Infrastructure


def file_hash(path: Path) -> str:
    """`sha256:` and the hex digest of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, *chunks: bytes | memoryview) -> None:
    """Write a read-only file that survives a power cut; a full disk is an OSError with its errno."""
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o444)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """As `numpy.save`, which loses the errno of a failed write."""
    array = np.ascontiguousarray(array)
    header = f"{np.lib.format.header_data_from_array_1_0(array)!r}"
    padding = -(len(header) + 11) % 64
    text = header.encode() + b" " * padding + b"\n"
    write_bytes(path, b"\x93NUMPY\x01\x00", len(text).to_bytes(2, "little"), text, array.data.cast("B"))


def write_manifest(folder: Path, **more: str | int | dict[str, Any]) -> str:
    """List the folder's files in `manifest.json`; its content hash."""
    files = {
        path.name: {"sha256": file_hash(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }
    manifest = {"files": files, **more}
    write_bytes(folder / "manifest.json", canonical_json(manifest))
    return content_hash(manifest)


def read_manifest(folder: Path, expected: str) -> dict[str, Any]:
    """The manifest of `folder`, which must have the content hash `expected`.

    Raises:
        Infrastructure: it is missing or says something else.
    """
    path = folder / "manifest.json"
    return parse_manifest(path.read_bytes() if path.exists() else None, str(folder), expected)


def parse_manifest(data: bytes | None, where: str, expected: str) -> dict[str, Any]:
    """The same from bytes that were read at `where`; None: there were none."""
    if data is None:
        raise Infrastructure("DataMissing", f"there are no prepared data in {where}: prepare it")
    try:
        manifest: dict[str, Any] = json.loads(data)
    except ValueError as error:
        raise Infrastructure("DataChanged", f"the manifest in {where} is not JSON: prepare again") from error
    if content_hash(manifest) != expected:
        raise Infrastructure(
            "DataChanged", f"{where} holds other data than {expected}: delete that folder and prepare again"
        )
    return manifest


def check_file(path: Path, listed: dict[str, Any]) -> None:
    """Compare a file with its line in a manifest.

    Raises:
        Infrastructure: it is missing or differs.
    """
    try:
        same = path.stat().st_size == listed["bytes"] and file_hash(path) == listed["sha256"]
    except FileNotFoundError as error:
        raise Infrastructure("DataMissing", f"{path} is missing: prepare the dataset again") from error
    if not same:
        raise Infrastructure("DataChanged", f"{path} is not what was prepared: prepare the dataset again")
