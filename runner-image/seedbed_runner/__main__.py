"""`python -I -m seedbed_runner`: the runner's steps, each a process of its own.

    prepare --dataset JSON --into FOLDER                      once a dataset and split; prints the card's path
    load    --dataset JSON                                    the same data, only brought here and described
    fetch   --work FOLDER --prepared FOLDER                   the three steps of a run
    train   --work FOLDER
    score   --work FOLDER --prepared FOLDER --destination FOLDER
    warm                                                      the parent that forks runs on a laptop
    machine [--seal-only]                                     prints what this machine can seal and train on

With `--store`, `prepare`, `fetch` and `score` take an S3 store instead of folders (see `stored`).

Exit codes: 0 done; 2 what was asked for is wrong; 75 this machine or the store failed (a full disk, missing
data): try again. Steps import what they need and no more: `score` runs without torch, `fetch` without
scikit-learn.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from seedbed_runner.errors import Infrastructure, RunnerError, from_os_error

_FOLDERS = {  # what a step needs besides --work, unless there is a store
    "prepare": ("dataset", "into"),
    "load": ("dataset",),
    "fetch": ("prepared",),
    "score": ("prepared", "destination"),
}


def main() -> int:
    """Run one step; the exit code."""
    arguments = vars(_parse())
    step, store = arguments.pop("step"), arguments.pop("store", False)
    if step not in (
        "warm",
        "machine",
    ):  # the first process of a container is deaf to SIGTERM unless it asks for it
        from seedbed_runner.runprocess import end

        signal.signal(signal.SIGTERM, end)
    try:
        return _stored(step, **arguments) if store else _STEPS[step](**arguments)
    except RunnerError as caught:
        error = caught
    except OSError as caught:
        error = from_os_error(caught)
    except MemoryError:
        error = Infrastructure("OutOfMemory", "the data do not fit into this machine's memory")
    print(error, file=sys.stderr)
    if store:
        from seedbed_runner import termination

        termination.tell_error(error)
    return os.EX_TEMPFAIL if isinstance(error, Infrastructure) else error.exit_code


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="seedbed_runner")
    steps = parser.add_subparsers(dest="step", required=True)
    for name in _STEPS:
        step = steps.add_parser(name)
        if name in ("fetch", "train", "score"):
            step.add_argument("--work", required=True, type=Path)
        for option in _FOLDERS.get(name, ()):
            step.add_argument(f"--{option}", type=str if option == "dataset" else Path)
        if name == "machine":
            step.add_argument("--seal-only", action="store_true")
        if name in _FOLDERS and name != "load":
            step.add_argument("--store", action="store_true")
    arguments = parser.parse_args()
    for option in _FOLDERS.get(arguments.step, ()):
        store = getattr(arguments, "store", False)
        if (getattr(arguments, option) is None) != store:
            others = " and ".join(f"--{other}" for other in _FOLDERS[arguments.step])
            parser.error(f"{arguments.step}: give {others}, or --store")
        if store:
            delattr(arguments, option)
    return arguments


def _stored(step: str, **arguments: Path) -> int:
    from seedbed_runner import stored

    steps: dict[str, Callable[..., None]] = {
        "prepare": stored.prepare, "fetch": stored.fetch, "score": stored.score,
    }  # fmt: skip
    steps[step](**arguments)
    return 0


def _prepare(dataset: str, into: Path) -> int:
    from seedbed_runner.prepare import parse_dataset, prepare

    print(prepare(parse_dataset("--dataset", dataset), into))
    return 0


def _load(dataset: str) -> int:
    import json

    from seedbed_runner.inventory import describe
    from seedbed_runner.prepare import parse_dataset

    print(json.dumps(describe(parse_dataset("--dataset", dataset))))
    return 0


def _fetch(work: Path, prepared: Path) -> int:
    from seedbed_runner.fetch import fetch
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    fetch(prepared, folder.read_request(), folder.data)
    return 0


def _train(work: Path) -> int:
    from seedbed_runner.sandbox.environment import start_clean

    start_clean()
    from seedbed_runner.contract.source import is_foreign
    from seedbed_runner.trainstep import train
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    request = folder.read_request()
    if is_foreign(request.model):  # as in the warm parent: the child finds the same modules loaded
        import torch._dynamo  # noqa: F401
    folder.train_record.write_bytes(train(work, request).to_json())
    return 0


def _score(work: Path, prepared: Path, destination: Path) -> int:
    from seedbed_runner.keep import keep
    from seedbed_runner.score import score
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    request = folder.read_request()
    result = score(work, prepared / "sealed", request, folder.read_train_record())
    folder.result.write_bytes(result.to_json())
    if not keep(work, destination, request):
        print(f"attempt {request.attempt} is not recorded: there is a record in {destination} already")
    return 0


def _machine(seal_only: bool) -> int:
    from seedbed_runner.machine import inspect

    print(inspect(seal_only).to_json().decode())
    return 0


def _warm() -> int:
    from seedbed_runner.sandbox.environment import start_clean

    start_clean()
    from seedbed_runner import warm

    return warm.main()


_STEPS: dict[str, Callable[..., int]] = {
    "prepare": _prepare, "load": _load, "fetch": _fetch, "train": _train, "score": _score, "warm": _warm,
    "machine": _machine,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
