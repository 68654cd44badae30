"""`python -I -m seedbed_runner`: the runner's steps, each a process of its own.

    prepare --dataset JSON --into FOLDER                      once a dataset and split; prints the card's path
    fetch   --work FOLDER --prepared FOLDER                   the three steps of a run
    train   --work FOLDER
    score   --work FOLDER --prepared FOLDER --destination FOLDER
    warm                                                      the parent that forks runs on a laptop

Exit codes: 0 done; 1 this machine failed (a full disk, missing data); 2 what was asked for is wrong. Steps
import what they need and no more: `score` runs without torch, `fetch` without scikit-learn.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from seedbed_runner.errors import BadInput, RunnerError, from_os_error


def main() -> int:
    """Run one step; the exit code."""
    arguments = vars(_parser().parse_args())
    try:
        return _STEPS[arguments.pop("step")](**arguments)
    except RunnerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(from_os_error(error), file=sys.stderr)
        return 1
    except MemoryError:
        print("the data do not fit into this machine's memory", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="seedbed_runner")
    steps = parser.add_subparsers(dest="step", required=True)
    folders = {
        "fetch": ("work", "prepared"),
        "train": ("work",),
        "score": ("work", "prepared", "destination"),
    }
    prepare = steps.add_parser("prepare")
    prepare.add_argument("--dataset", required=True)
    prepare.add_argument("--into", required=True, type=Path)
    steps.add_parser("warm")
    for name, needed in folders.items():
        step = steps.add_parser(name)
        for folder in needed:
            step.add_argument(f"--{folder}", required=True, type=Path)
    return parser


def _prepare(dataset: str, into: Path) -> int:
    from seedbed_runner.prepare import prepare

    try:
        parsed = json.loads(dataset)
    except ValueError as error:
        raise BadInput(f"--dataset is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise BadInput("--dataset is no JSON object: give `spec.dataset` with every default filled in")
    print(prepare(parsed, into))
    return 0


def _fetch(work: Path, prepared: Path) -> int:
    from seedbed_runner.fetch import fetch
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    fetch(prepared, folder.read_request(), folder.data)
    return 0


def _train(work: Path) -> int:
    # Before anything imports numpy: a pool of threads would not survive the fork.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    import torch._dynamo  # noqa: F401  as in the warm parent: the child finds the same modules loaded

    from seedbed_runner.train import supervise
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    folder.train_record.write_bytes(supervise(work, folder.read_request()).to_json())
    return 0


def _score(work: Path, prepared: Path, destination: Path) -> int:
    from seedbed_runner.keep import keep
    from seedbed_runner.score import score
    from seedbed_runner.workfolder import WorkFolder

    folder = WorkFolder(work)
    request = folder.read_request()
    result = score(work, prepared / "sealed", request, folder.read_train_record())
    folder.result.write_bytes(result.to_json())
    keep(work, destination)
    return 0


def _warm() -> int:
    from seedbed_runner import warm

    return warm.main()


_STEPS: dict[str, Callable[..., int]] = {
    "prepare": _prepare, "fetch": _fetch, "train": _train, "score": _score, "warm": _warm,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
