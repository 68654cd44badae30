"""Checks a recorded run against all that its record vouches for, before it is trained again.

Forked by the warm parent for `research-agent verify`, in a process of its own: it reads labels, and what is
forked for training must never have had them in memory. Each stage leans on the one before it (the data are
found by the request, the predictions are graded by the labels), so that the first one with a finding ends
the check: what it names is the culprit, and not what follows from it.
"""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from seedbed_runner import metrics, score
from seedbed_runner.contract.hashing import bytes_hash, experiment_hash
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import InvalidRecord, RunRequest, RunResult
from seedbed_runner.contract.source import is_foreign
from seedbed_runner.contract.verification import CHECK, RECORDED, Check, Finding, Subject
from seedbed_runner.errors import Infrastructure, ModelFailure
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.prepared import check_file, file_hash, read_manifest
from seedbed_runner.workfolder import PREDICTIONS, REQUEST, RESULT, WEIGHTS

_KEPT: dict[Subject, str] = {"predictions": PREDICTIONS, "weights": WEIGHTS}
_SHARED = (
    "run_uid", "experiment", "experiment_hash", "seed", "attempt", "purpose", "split", "metric", "data_hash",
    "image",
)  # fmt: skip


def check(work: Path, prepared: Path, destination: Path) -> None:
    """Write `check.json` into `work`.

    Args:
        work: holds the folder `recorded` with result.json, request.json and what is left of the run's files.
        prepared: the prepared dataset's folder; it need not be there.
        destination: not used: a step's places are the same for all.
    """
    (work / CHECK).write_bytes(inspect(work / RECORDED, prepared).to_json())


def inspect(recorded: Path, prepared: Path) -> Check:
    """The findings of the first stage that has any."""
    try:
        record = RunResult.from_json((recorded / RESULT).read_bytes())
    except InvalidRecord as error:
        return Check(different=[Finding("record", f"{RESULT} is not the record of a run: {error}")])
    remarks = [f"its {name} were not kept" for name in _not_kept(record, recorded)]
    stages: list[Callable[[], Iterator[Finding]]] = [
        lambda: _record_itself(record),
        lambda: _kept_files(record, recorded),
        lambda: _request(record, recorded),
        lambda: _data(record, prepared),
        lambda: _graded(record, recorded, prepared),
    ]
    for stage in stages:
        try:
            if found := list(stage()):
                return Check(different=found, remarks=remarks)
        except Infrastructure as error:
            finding = Finding("data", str(error))
            gone = error.reason == "DataMissing"
            return Check([] if gone else [finding], [finding] if gone else [], remarks)
    return Check(missing=list(_lacking(record, _read_request(recorded))), remarks=remarks)


def _not_kept(record: RunResult, recorded: Path) -> list[str]:
    return [what for what, name in _KEPT.items() if what in record.hashes and not (recorded / name).exists()]


def _record_itself(record: RunResult) -> Iterator[Finding]:
    """The record's numbers agree with each other: most of them follow from the confusion counts."""
    due = (True, False) if record.outcome == "Scored" else (False, True)
    if (record.score is not None, record.failure is not None) != due:
        yield Finding("record", f"{RESULT} says {record.outcome}, but its score and failure say otherwise")
    if record.outcome == "Failed" or record.confusion is None:
        return
    counts = np.array(record.confusion)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.min() < 0 or not counts.sum():
        yield Finding("record", f"{RESULT}: `confusion` holds no counts, one row and column a class")
        return
    classes = len(counts)
    labels = np.repeat(np.arange(classes), counts.sum(axis=1))
    predicted = np.repeat(np.tile(np.arange(classes), classes), counts.ravel())
    values = dict(record.metrics)  # those that are no matter of predicted classes alone stay as they are
    for name, value in metrics.compute(labels, np.eye(classes)[predicted]).items():
        if METRICS[name].by_class and name in values:
            values[name] = value
    given = score.conclude(values, record.metric, metrics.chance(labels))
    given["by_class"] = metrics.by_class(labels, predicted, classes)
    given["items"] = len(labels)
    yield from _otherwise(record, given, "its confusion counts")


def _otherwise(record: RunResult, due: dict[str, object], source: str) -> Iterator[Finding]:
    """A finding for each field of the record that is not what `source` gives."""
    for name, value in due.items():
        said = getattr(record, name)
        if name == "by_class" and not said:
            continue  # a record of before the classes were told apart
        if name == "mistakes" and record.confusion is not None:
            continue  # a record of before many classes had no matrix
        if said != value and name in ("confusion", "mistakes", "by_class"):
            yield Finding("record", f"{RESULT}: `{name}` is not what {source} give")
        elif said != value:
            yield Finding("record", f"{RESULT}: `{name}` is {said}, but {source} give {value}")


def _kept_files(record: RunResult, recorded: Path) -> Iterator[Finding]:
    """The files beside the record have the hashes that it names."""
    for what, name in _KEPT.items():
        path = recorded / name
        if what in record.hashes and path.exists() and (now := file_hash(path)) != record.hashes[what]:
            there = f"{record.artifacts}/{name}"
            yield Finding(what, f"{there} is not what was recorded: {record.hashes[what]} then, {now} now")


def _read_request(recorded: Path) -> RunRequest:
    return RunRequest.from_json((recorded / REQUEST).read_bytes())


def _request(record: RunResult, recorded: Path) -> Iterator[Finding]:
    """The request is the one that the record was made for: model, training, data, seed and all else."""
    try:
        request = _read_request(recorded)
    except InvalidRecord as error:
        yield Finding("request", f"{REQUEST} is not the request of a run: {error}")
        return
    for name in _SHARED:
        asked, told = getattr(request, name), getattr(record, name)
        if asked != told:
            yield Finding("request", f"`{name}` is {asked} in {REQUEST}, but {told} in {RESULT}")
    if (now := score.request_hash(request)) != record.hashes.get("request"):
        then = record.hashes.get("request")
        yield Finding("request", f"{REQUEST} is not what was recorded: {then} then, {now} now")
    # An Experiment that nobody gave a data hash is known by its model and training alone.
    known = [experiment_hash(request.model, request.training, data) for data in (request.data_hash, "")]
    if record.experiment_hash not in known:
        yield Finding(
            "request", f"its model, training and data have the hash {known[0]}, not {record.experiment_hash}"
        )


def _data(record: RunResult, prepared: Path) -> Iterator[Finding]:
    """Every file of the prepared data is the one that the record's data hash vouches for."""
    public = read_manifest(prepared / "public", record.data_hash)
    sealed = read_manifest(prepared / "sealed", public["sealed"])
    for folder, manifest in (("public", public), ("sealed", sealed)):
        for name, listed in manifest["files"].items():
            check_file(prepared / folder / name, listed)
    labels = np.load(prepared / "sealed" / f"{record.split}_labels.npy")
    if (now := bytes_hash(labels.tobytes())) != record.hashes.get("labels"):
        then = record.hashes.get("labels")
        yield Finding("record", f"{RESULT}: the hash of the labels is {then}, but theirs is {now}")


def _graded(record: RunResult, recorded: Path, prepared: Path) -> Iterator[Finding]:
    """What was kept gives the numbers that were recorded."""
    if record.outcome == "Failed":
        return
    request = _read_request(recorded)
    labels, classes = score.read_labels(prepared / "sealed", request)
    try:
        if (recorded / PREDICTIONS).exists():
            logits, _ = score.read_predictions(recorded, len(labels), classes)
            due = score.grade(labels, logits, classes, record.metric, record.split)
            yield from _otherwise(record, due, "its predictions")
        if (recorded / WEIGHTS).exists():
            parameters, _ = score.read_weights(recorded, is_foreign(request.model))
            yield from _otherwise(record, {"parameters": parameters}, "its weights")
    except ModelFailure as error:
        yield Finding("predictions", str(error))


def _lacking(record: RunResult, request: RunRequest) -> Iterator[Finding]:
    """What this machine lacks to give the bits of the record, or to run it at all."""
    made, here = record.fingerprint, fingerprint(request.threads, "cpu")
    then, now = made.get("seedbed_runner", ""), here["seedbed_runner"]
    if then != now:
        yield Finding(
            "version", f"it was made by {then or 'an unknown runner'}, this is {now}: other numbers"
        )
    if "torchvision" in request.model and importlib.util.find_spec("torchvision") is None:
        yield Finding("version", "its model is torchvision's, which is not installed here")
    device = made.get("device", "cpu")
    if device != "cpu" and not torch.cuda.is_available():
        yield Finding("device", f"it was made on {device} with CUDA {made.get('cuda')}, which is not here")
