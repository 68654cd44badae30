"""Tiny datasets in the formats that the real ones are published in, of any content.

Images of a class have a patch of their own, so that a network can learn them.
"""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat


def drawn(rows: int, channels: int, size: int, classes: int, seed: int = 0) -> tuple[Any, Any]:
    """Images (rows × channels × size × size, uint8) and labels; class k is bright in the k-th column."""
    random = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    images = random.integers(0, 120, (rows, channels, size, size), dtype=np.uint8)
    width = max(1, size // classes)
    for image, label in zip(images, labels, strict=True):
        image[:, :, label * width % size : label * width % size + width] += 120
    return images, labels


def md5(data: bytes) -> str:
    """Its hex digest."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def cifar_files(
    rows: int = 20, coarse: bool = False, seed: int = 0, test: int | None = None
) -> dict[str, bytes]:
    """CIFAR-10's (or -100's) unpacked files by name: pickled dictionaries with a row of bytes an image.

    Each has `rows` of them, but for the last one if `test` says so.
    """
    classes, key = (100, "fine_labels") if coarse else (10, "labels")
    names = ["train", "test"] if coarse else [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    files = {}
    for place, name in enumerate(names):
        count = test if test is not None and name.startswith("test") else rows
        images, labels = drawn(count, 3, 32, classes, seed + place)
        batch = {"data": images.reshape(count, -1), key: labels.tolist(), "batch_label": name}
        files[name] = pickle.dumps(batch, protocol=2)
    meta, label_names = ("meta", "fine_label_names") if coarse else ("batches.meta", "label_names")
    files[meta] = pickle.dumps({label_names: [f"class {k}" for k in range(classes)]}, protocol=2)
    return files


def cifar_archive(files: dict[str, bytes], folder: str) -> bytes:
    """The files in a tar.gz, below a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def idx_files(train: int = 40, test: int = 20, seed: int = 0) -> dict[str, bytes]:
    """MNIST's four files by name: IDX, gzipped."""
    files = {}
    for prefix, rows in (("train", train), ("t10k", test)):
        images, labels = drawn(rows, 1, 28, 10, seed + rows)
        header = struct.pack(">IIII", 0x00000803, rows, 28, 28)
        files[f"{prefix}-images-idx3-ubyte.gz"] = gzip.compress(header + images.tobytes())
        header = struct.pack(">II", 0x00000801, rows)
        files[f"{prefix}-labels-idx1-ubyte.gz"] = gzip.compress(header + labels.astype(np.uint8).tobytes())
    return files


def svhn_files(train: int = 40, test: int = 20) -> dict[str, bytes]:
    """SVHN's two files by name: MATLAB's, height × width × channels × rows, with 10 for the digit 0."""
    files = {}
    for name, rows in (("train", train), ("test", test)):
        images, labels = drawn(rows, 3, 32, 10, rows)
        out = io.BytesIO()
        savemat(
            out,
            {
                "X": images.transpose(2, 3, 1, 0),
                "y": np.where(labels == 0, 10, labels)[:, None].astype(np.uint8),
            },
        )
        files[f"{name}_32x32.mat"] = out.getvalue()
    return files


def write_cifar10(folder: Path, rows: int = 20, test: int | None = None) -> Path:
    """A folder as torchvision unpacks CIFAR-10, with `rows` images in each of its six batches, or `test`."""
    place = folder / "cifar-10-batches-py"
    place.mkdir(parents=True)
    for name, data in cifar_files(rows, test=test).items():
        (place / name).write_bytes(data)
    return place
