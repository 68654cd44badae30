"""`fetch`, the first step of a run: brings what the child may see into the work folder, and nothing else.

That is the train split and the *inputs* of the one split that the run is scored on, under a name that
does not tell which; a Control run finds permuted labels under the name of the train labels. Trusted; called
by `run.run_once`, or as a command of its own (from a store: `stored`).
"""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from seedbed_runner.apart import apart
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.control import permute
from seedbed_runner.errors import Infrastructure
from seedbed_runner.prepared import check_file, read_manifest, write_array
from seedbed_runner.workfolder import Task, make_empty

_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP})


def fetch(prepared: Path, request: RunRequest, into: Path) -> None:
    """Bring `train_inputs`, `train_labels`, `evaluation_inputs` (.npy) and `task.json` into `into`.

    Args:
        prepared: the prepared dataset's folder.
        request: says which content hash the data must have, and which split the run is scored on.
        into: the work folder's `data`; what was in it before is removed.

    Raises:
        Infrastructure: the prepared data are missing or not those of `request.data_hash`.
        OSError: the disk is full, or a folder can't be read or written.
    """
    if request.purpose == "Control":  # strictly apart: `train` is forked from here, with all of this memory
        apart(lambda: _fetch(prepared, request, into))
    else:
        _fetch(prepared, request, into)


def _fetch(prepared: Path, request: RunRequest, into: Path) -> None:
    public = prepared / "public"
    manifest = read_manifest(public, request.data_hash)
    bring(manifest, request, into, lambda name, target: _link(public / name, target))


def bring(
    manifest: dict[str, Any], request: RunRequest, into: Path, get: Callable[[str, Path], None]
) -> None:
    """The same from anywhere: `get` brings a file of the public part, by its name, to a path."""
    make_empty(into)
    brought = {
        "train_inputs.npy": "train_inputs.npy",
        "train_labels.npy": "train_labels.npy",
        f"{request.split}_inputs.npy": "evaluation_inputs.npy",
    }
    for name, local in brought.items():
        get(name, into / local)
        check_file(into / local, manifest["files"][name])
    if request.purpose == "Control":
        _permute(into / "train_labels.npy", request)
    evaluation = np.load(into / "evaluation_inputs.npy", mmap_mode="r")
    known = {"input_shape": list(evaluation.shape[1:]), "classes": manifest["classes"]}
    task = Task.from_dict({**known, "rows": len(evaluation), **manifest.get("task", {})})
    (into / "task.json").write_bytes(task.to_json())


def _permute(path: Path, request: RunRequest) -> None:
    labels = np.load(path)
    path.unlink()  # it may be a hard link: writing into it would change the prepared data
    write_array(path, permute(labels, request.data_hash, request.seed))


def _link(source: Path, target: Path) -> None:
    """Hard link, so that a gigabyte costs nothing; copy where folders lie on different file systems."""
    try:
        os.link(source, target)
    except FileNotFoundError as error:
        raise Infrastructure("DataMissing", f"{source} is missing: prepare the dataset again") from error
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target)
