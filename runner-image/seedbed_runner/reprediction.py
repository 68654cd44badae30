"""Predicting again at a confirmation of code that is not ours: do the saved weights give what was predicted?

The child that trained wrote its predictions itself. At a confirmation the model is therefore built once more,
in a fresh sealed child that has the saved weights, no train split, and the inputs in an order that no code of
the model has seen: a table of answers by position does not help there. What the scorer grades are the first
predictions; they count only where these agree with them.

The train step calls `predict_again` when its child is dead and before any label is on the machine; `score`,
which runs no model code, compares. The order comes from a seed that is drawn in a fork of its own and lies in
a pipe while the child predicts: it is in nobody's memory or files before that child is dead.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.records import Failure, RunRequest
from seedbed_runner.errors import Infrastructure, ModelFailure
from seedbed_runner.plainfile import open_plain
from seedbed_runner.weights import open_clean, read_header
from seedbed_runner.workfolder import WEIGHTS, TrainRecord, WorkFolder, make_empty

LEAST_SECONDS = 30.0  # for predicting, however long training took
# A row's predictions may differ by this much of their unit and the largest distance from their centre: other
# rows share its batch now, so that sums are rounded otherwise. Logits have centre 0 and unit 1.
TOLERANCE = {"float32": 1e-3, "float16": 1e-2, "bfloat16": 5e-2}
_LAST_BITS = 1e-6
_SEED_BYTES = 16
_NOT_READABLE = 3  # exit code of the fork: the scorer will say what is wrong with the weights


def predict_again(work: Path, request: RunRequest, trained: TrainRecord) -> TrainRecord:
    """The train step's record, with the seed of the order or the reason why predicting again failed.

    Args:
        work: the run's work folder, when `train` is over.
        request: the run.
        trained: what its supervisor saw.

    Raises:
        Infrastructure: the disk is full, or the child was killed from outside or could not be sealed.
    """
    if trained.failure is not None:
        return trained
    from seedbed_runner import again
    from seedbed_runner.train import supervise

    folder = WorkFolder(work)
    make_empty(folder.again)
    secret, told = os.pipe()
    try:
        try:
            ready = _set_up_apart(folder, told)
        finally:
            os.close(told)
        if not ready:
            return trained
        seen = supervise(folder.again, with_time_left(request, trained, LEAST_SECONDS), again.run)
        seed = os.read(secret, _SEED_BYTES).hex()
    finally:
        os.close(secret)
    if seen.failure is not None:
        return failed(trained, "predicting again from the saved weights", seen.failure)
    return replace(trained, order_seed=seed)


def with_time_left(request: RunRequest, trained: TrainRecord, least: float) -> RunRequest:
    """The request of a further child, with the seconds that training left of the deadline, or `least`."""
    return replace(request, deadline_seconds=max(least, request.deadline_seconds - trained.seconds))


def failed(trained: TrainRecord, doing: str, failure: Failure) -> TrainRecord:
    """The train step's record when a further child failed at what it was `doing`."""
    return replace(trained, failure=Failure(failure.reason, f"{doing}: {failure.message}"[:500]))


def _set_up_apart(folder: WorkFolder, told: int) -> bool:
    """Set up in a fork, which writes the seed to `told`; whether there is something to predict from."""
    from seedbed_runner.forks import fork_isolated

    with folder.log.open("ab") as log:
        pid = fork_isolated(lambda: _set_up(folder, 3), log.fileno(), told)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in (0, _NOT_READABLE):
        raise Infrastructure(
            "ShuffleFailed", "the inputs could not be brought into another order: see log.txt"
        )
    return code == 0


def _set_up(folder: WorkFolder, told: int) -> int:
    """Bring the weights and the inputs in a new order; tell the seed of that order."""
    seed = os.urandom(_SEED_BYTES)
    data = WorkFolder(folder.again).data
    if not bring_weights(folder, data):
        return _NOT_READABLE
    inputs = np.load(folder.data / "evaluation_inputs.npy", mmap_mode="r")
    np.save(data / "evaluation_inputs.npy", inputs[order(seed.hex(), len(inputs))])
    os.write(told, seed)
    return 0


def bring_weights(folder: WorkFolder, data: Path) -> bool:
    """Make `data` of a child that predicts: weights, `task.json`, and of the inputs no row, only their type.

    Returns:
        False if the weights that training wrote can't be read.
    """
    data.mkdir(parents=True)
    try:
        with open_plain(folder.out, WEIGHTS) as (handle, size):
            with open_clean(handle, read_header(handle, size)) as kept, (data / WEIGHTS).open("wb") as target:
                shutil.copyfileobj(kept, target, 2**20)
    except ModelFailure:
        return False
    inputs = np.load(folder.data / "evaluation_inputs.npy", mmap_mode="r")
    np.save(data / "evaluation_inputs.npy", inputs[:0])
    shutil.copyfile(folder.data / "task.json", data / "task.json")
    return True


def order(seed: str, rows: int) -> NDArray[np.int64]:
    """Which row of the evaluation inputs comes at each place of the other order."""
    return np.random.default_rng(int(seed, 16)).permutation(rows)


def compare(
    first: NDArray[np.float32], second: NDArray[np.float32], seed: str, precision: str,
    centre: float = 0.0, unit: float = 1.0,
) -> None:  # fmt: skip
    """Hold the two predictions (rows × columns, the second in the other order) against each other.

    Args:
        first: what training predicted.
        second: what was predicted again.
        seed: of the other order.
        precision: of the forward passes.
        centre: mean of a regression's values; 0 for logits.
        unit: deviation of a regression's values; 1 for logits.

    Raises:
        ModelFailure: NotReproduced, when they differ by more than rounding.
    """
    wrong, largest = disagreement(first[order(seed, len(first))], second, precision, centre, unit)
    if wrong > 0:
        raise ModelFailure(
            "NotReproduced",
            f"predicting again from its weights gives other values in {wrong} of {len(first)} rows, by up to "
            f"{largest:.3g}: a prediction must follow from its row and the saved state alone",
        )


def disagreement(
    first: NDArray[np.float32], second: NDArray[np.float32], precision: str, centre: float, unit: float
) -> tuple[int, float]:
    """In how many rows two predictions (rows × columns) differ by more than rounding; the largest difference.

    Args:
        first: of some rows.
        second: of the same rows.
        precision: of the forward passes.
        centre: as of `compare`.
        unit: as of `compare`.
    """
    expected = first.astype(np.float64)
    largest = np.abs(expected - second).max(axis=1)
    allowed = TOLERANCE[precision] * (unit + np.abs(expected - centre).max(axis=1))
    allowed += _LAST_BITS * np.abs(expected).max(axis=1)  # of numbers far from 0 whose spread is small
    return int(np.count_nonzero(largest > allowed)), float(largest.max())
