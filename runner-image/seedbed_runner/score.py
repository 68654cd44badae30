"""The score step: reads the labels, checks the child's raw buffer, computes the metrics, makes the record.

Trusted, and runs when nothing of the train step is alive. It opens fixed names only, reads exactly the bytes
that it expects, and imports neither model code nor torch.
"""

import hashlib
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner import metrics
from seedbed_runner.codehash import CODE_HASH
from seedbed_runner.contract.hashing import bytes_hash, content_hash
from seedbed_runner.contract.records import Failure, RunRequest, RunResult, Split
from seedbed_runner.contract.source import is_foreign, repredicts
from seedbed_runner.errors import Infrastructure, ModelFailure
from seedbed_runner.plainfile import open_plain, read_exactly
from seedbed_runner.prepared import check_file, read_manifest
from seedbed_runner.reprediction import compare
from seedbed_runner.weights import open_clean, read_header
from seedbed_runner.workfolder import PREDICTIONS, WEIGHTS, TrainRecord, WorkFolder

_FAR_TOO_LARGE = 2**20


def score(work: Path, sealed: Path, request: RunRequest, trained: TrainRecord) -> RunResult:
    """The record of a run.

    Args:
        work: the run's work folder.
        sealed: the prepared dataset's folder of labels.
        request: the run.
        trained: what the supervisor saw.

    Raises:
        Infrastructure: the labels are missing or not those of `request.data_hash`.
    """
    labels, classes = read_labels(sealed, request)
    measured: dict[str, Any] = {}
    hashes = {"labels": bytes_hash(labels.tobytes()), "request": request_hash(request)}
    failure = trained.failure
    if failure is None:
        try:
            measured |= _measure(WorkFolder(work), labels, classes, request, trained, hashes)
        except ModelFailure as error:
            failure = Failure(error.reason, str(error))
    if failure:
        measured = {"chance": metrics.chance(labels).get(request.metric)}
    return RunResult(
        run_uid=request.run_uid,
        experiment=request.experiment,
        experiment_hash=request.experiment_hash,
        seed=request.seed,
        attempt=request.attempt,
        purpose=request.purpose,
        split=request.split,
        outcome="Failed" if failure else "Scored",
        metric=request.metric,
        data_hash=request.data_hash,
        items=len(labels),
        assurance=trained.assurance,
        seal=trained.seal,
        started_at=trained.started_at,
        finished_at=time.time(),
        failure=failure,
        flops=None if failure else trained.flops,
        train_seconds=trained.seconds,
        peak_memory_bytes=trained.peak_memory_bytes,
        artifacts=artifacts_folder(request, trained),
        hashes=hashes,
        fingerprint=trained.fingerprint,
        image=request.image,
        code=CODE_HASH,
        latency_ms=trained.latency_ms,
        **measured,
    )


def _measure(
    folder: WorkFolder, labels: NDArray[np.int64], classes: int, request: RunRequest, trained: TrainRecord,
    hashes: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    """All that is computed from the predictions and the weights; their hashes are added to `hashes`."""
    logits, hashes["predictions"] = read_predictions(folder.out, len(labels), classes)
    parameters, hashes["weights"] = read_weights(folder.out, is_foreign(request.model))
    graded = grade(labels, logits, classes, request.metric, request.split) | {"parameters": parameters}
    if request.latency and trained.latency_ms is None:
        raise Infrastructure("NotTimed", "the train step took no time of a row: its image is an older one")
    if repredicts(request):
        _compare_again(folder, logits, labels, trained.order_seed, request)
        graded["repredicted"] = True
    return graded


def _compare_again(
    folder: WorkFolder, logits: NDArray[np.float32], labels: NDArray[Any], seed: str, request: RunRequest
) -> None:
    if not seed:
        raise Infrastructure(
            "NotRepredicted", "the train step did not predict again: its image is an older one"
        )
    again, _ = read_predictions(WorkFolder(folder.again).out, *logits.shape)
    scale = (
        (float(labels.mean()), float(labels.std()) or 1.0) if metrics.is_regression(labels) else (0.0, 1.0)
    )
    compare(logits, again, seed, request.training["precision"], *scale)


def grade(
    labels: NDArray[np.int64], logits: NDArray[np.float32], classes: int, metric: str, split: Split
) -> dict[str, Any]:
    """What a record says of predictions: score, metrics, diverged, mistakes, classes, on test variances."""
    graded = conclude(metrics.compute(labels, logits), metric, metrics.chance(labels))
    if not metrics.is_regression(labels):
        predicted = logits.argmax(axis=1)
        told = "confusion" if classes <= metrics.MOST_IN_MATRIX else "mistakes"
        graded[told] = getattr(metrics, told)(labels, predicted, classes)
        graded["by_class"] = metrics.by_class(labels, predicted, classes)
    if split == "test":  # for claims on the population that the items are a sample of
        seed = int(bytes_hash(labels.tobytes())[7:23], 16)
        graded["item_variances"] = metrics.item_variances(labels, logits, seed)
    return graded


def conclude(values: dict[str, float], metric: str, by_chance: dict[str, float]) -> dict[str, Any]:
    """What follows from the metrics' values: the score, that of chance, and whether it is no better.

    Args:
        values: of the predictions, by name.
        metric: what was asked for.
        by_chance: of predictions that know the labels' frequencies alone.

    Raises:
        Infrastructure: the labels have no value of the metric, which nobody should have asked for.
    """
    if metric not in values:
        raise Infrastructure("NoSuchScore", f"{metric} has no value on these data: choose another metric")
    return {
        "score": values[metric],
        "metrics": values,
        "diverged": metrics.diverged(values, metric, by_chance),
        "chance": by_chance.get(metric),
    }


def read_labels(sealed: Path, request: RunRequest) -> tuple[NDArray[np.int64], int]:
    """The labels of the request's split, and the number of classes, both bound to its data hash."""
    public = read_manifest(sealed.parent / "public", request.data_hash)
    name = f"{request.split}_labels.npy"
    check_file(sealed / name, read_manifest(sealed, public["sealed"])["files"][name])
    labels: NDArray[np.int64] = np.load(sealed / name)
    return labels, public["classes"]


def read_predictions(out: Path, rows: int, classes: int) -> tuple[NDArray[np.float32], str]:
    """The logits (rows × classes) that the child wrote, and the hash of their bytes.

    Raises:
        ModelFailure: NoPredictions, NotRegular, Size, Shape or NonFinite.
    """
    expected = rows * classes * 4
    with open_plain(out, PREDICTIONS) as (handle, size):
        if size > expected + _FAR_TOO_LARGE:
            raise ModelFailure("Size", f"{PREDICTIONS} has {size} bytes instead of {expected}")
        if size != expected:
            raise ModelFailure(
                "Shape", f"{PREDICTIONS} has {size} bytes, but {rows} × {classes} float32 take {expected}"
            )
        data = read_exactly(handle, size)
    logits = np.frombuffer(data, dtype="<f4").reshape(rows, classes)
    if not np.isfinite(logits).all():
        raise ModelFailure(
            "NonFinite", f"{np.count_nonzero(~np.isfinite(logits))} predicted values are not finite"
        )
    return logits, bytes_hash(data)


def read_weights(out: Path, foreign: bool) -> tuple[int, str]:
    """How many trainable parameters the weights hold, and the hash of the file as it is kept.

    Args:
        out: where the child wrote them.
        foreign: whether the model is code that is not ours.

    Raises:
        ModelFailure: there is no such file, or it is no safetensors file.
    """
    with open_plain(out, WEIGHTS) as (handle, size):
        header = read_header(handle, size)
        with open_clean(handle, header) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return header.parameters(foreign), f"sha256:{digest}"


def artifacts_folder(request: RunRequest, trained: TrainRecord) -> str:
    """Where this attempt's files go, beside the record: no other scorer of the run writes there.

    The attempt alone would not do: an Experiment that is deleted and made again counts its attempts anew.
    """
    return f"a{request.attempt}-{content_hash(asdict(trained))[7:15]}"


def request_hash(request: RunRequest) -> str:
    """The content hash of what a run was asked to do; a further attempt at the same run has the same.

    Its attempt, the seal that it must have and the taking of its time change nothing in its numbers.
    """
    asked = asdict(request)
    for name in ("attempt", "demand", "declared", "latency"):
        del asked[name]
    return content_hash(asked)
