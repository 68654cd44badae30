"""The steps over an S3 store, as containers of a pod run them; what to do stands in the environment.

    SEEDBED_NAMESPACE     whose datasets: their keys begin with it
    SEEDBED_DATASET       `prepare`: `spec.dataset` as JSON, every default filled in
    SEEDBED_REQUEST       `fetch`, `score`: the RunRequest as JSON; `train` reads what `fetch` wrote of it
    SEEDBED_DESTINATION   `score`: where the run's record goes, and its files beside it

The numbers are those of the folders' steps: the same functions, on the same bytes. `score` brings the labels
to the node, now that `train` has ended; and what the store has as a run's record counts, whoever wrote it.
Each attempt's files have a folder of their own, so that those of the record stay as it found them when a node
that was given up comes back: what an attempt without a record left is for the bucket's lifecycle rules.
"""

import os
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from seedbed_runner import termination
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import InvalidRecord, RunRequest, RunResult
from seedbed_runner.contract.stores import dataset_prefix
from seedbed_runner.errors import BadInput, Infrastructure, ModelFailure
from seedbed_runner.machine import require_seal
from seedbed_runner.objects import Bucket, required
from seedbed_runner.plainfile import open_plain
from seedbed_runner.weights import open_clean, read_header
from seedbed_runner.workfolder import REQUEST, RESULT, WEIGHTS, WorkFolder


def prepare() -> None:
    """Prepare the dataset, unless the store has it: its card, written last, vouches for the rest."""
    from seedbed_runner.prepare import parse_dataset
    from seedbed_runner.prepare import prepare as prepare_in
    from seedbed_runner.sources.store import stored_data

    dataset = parse_dataset("SEEDBED_DATASET", required(os.environ, "SEEDBED_DATASET"))
    prefix, bucket = dataset_prefix(_namespace(), dataset_key(dataset)), Bucket.from_environment()
    if bucket.get(f"{prefix}/public/card.json") is not None:
        return
    with TemporaryDirectory() as folder, stored_data(bucket, _namespace(), dataset):
        card = prepare_in(dataset, Path(folder))
        root = card.parent.parent
        for path in sorted(root.glob("*/*")):
            if path != card:
                with path.open("rb") as file:
                    bucket.upload(file, f"{prefix}/{path.relative_to(root)}")
        bucket.put_if_absent(f"{prefix}/public/card.json", card.read_bytes())


def fetch(work: Path) -> None:
    """Bring the request and what `train` may see into the work folder."""
    from seedbed_runner.fetch import bring
    from seedbed_runner.prepared import parse_manifest

    folder, request, bucket = WorkFolder(work), _request(), Bucket.from_environment()
    require_seal(request)  # `train` is on this node too, and nobody believes what its container says
    public = f"{dataset_prefix(_namespace(), request.dataset_key)}/public"
    data = bucket.get(f"{public}/manifest.json")
    manifest = parse_manifest(data, bucket.where(public), request.data_hash)
    bring(manifest, request, folder.data, lambda name, path: bucket.download(f"{public}/{name}", path))
    folder.request.write_bytes(request.to_json())


def score(work: Path) -> None:
    """Score what `train` left and record it, unless the run has its record."""
    request, bucket = _request(), Bucket.from_environment()
    destination = required(os.environ, "SEEDBED_DESTINATION")
    own, record = b"", bucket.get(f"{destination}/{RESULT}")
    if record is None:
        result = _score(work, request, bucket)
        own, record = result.to_json(), _keep(work, request, result, bucket, destination)
    there = bucket.where(f"{destination}/{RESULT}")
    try:
        recorded = RunResult.from_json(record)
    except InvalidRecord as error:
        raise Infrastructure("BadRecord", f"{there} is not the record of a run ({error})") from error
    if record != own:
        print(f"attempt {request.attempt} is not recorded: {there} is of attempt {recorded.attempt}")
    termination.tell_record(recorded, record)


def _score(work: Path, request: RunRequest, bucket: Bucket) -> RunResult:
    from seedbed_runner.score import score as score_in

    prefix = dataset_prefix(_namespace(), request.dataset_key)
    trained = WorkFolder(work).read_train_record()
    with TemporaryDirectory() as folder:
        prepared = Path(folder)
        for name in ("public/manifest.json", "sealed/manifest.json", f"sealed/{request.split}_labels.npy"):
            (prepared / name).parent.mkdir(exist_ok=True)
            bucket.download(f"{prefix}/{name}", prepared / name)
        return score_in(work, prepared / "sealed", request, trained)


def _keep(work: Path, request: RunRequest, result: RunResult, bucket: Bucket, destination: str) -> bytes:
    """Write the attempt's files and then its record; the record that counts."""
    from seedbed_runner.events import write_events
    from seedbed_runner.keep import kept_files

    write_events(work, request, result)
    for name, limit in kept_files(result).items():
        path = work / name
        try:
            with open_plain(path.parent, path.name) as (handle, size):
                if size <= limit:
                    with _as_kept(path.name, handle, size) as file:
                        bucket.upload(file, f"{destination}/{result.artifacts}/{path.name}")
        except ModelFailure:  # what the child left instead of a plain file stays behind
            continue
    bucket.upload(BytesIO(request.to_json()), f"{destination}/{result.artifacts}/{REQUEST}")
    record = result.to_json()
    if bucket.put_if_absent(f"{destination}/{RESULT}", record):
        return record
    there = bucket.get(f"{destination}/{RESULT}")
    if there is None:
        raise Infrastructure("StoreFailed", f"{bucket.where(destination)}: the record came and went")
    return there


def _as_kept(name: str, handle: int, size: int) -> BinaryIO:
    if name == WEIGHTS:
        return open_clean(handle, read_header(handle, size))
    return open(handle, "rb", closefd=False)


def _namespace() -> str:
    return required(os.environ, "SEEDBED_NAMESPACE")


def _request() -> RunRequest:
    try:
        return RunRequest.from_json(required(os.environ, "SEEDBED_REQUEST").encode())
    except InvalidRecord as error:
        raise BadInput(f"SEEDBED_REQUEST: {error}") from error
