"""How long a trained model takes for one row, measured from outside of it: asked by pipe, by our clock.

Called by the train step when its child is dead, for runs whose goal bounds the latency. A fresh sealed child
(`serving`) builds the model and loads its weights; it has no inputs. A process of our own, which runs no
model code, sends it one row after the other, in an order that nobody knew before, and takes the time from the
first byte of the question to the last one of the answer. So no number that generated code writes becomes a
latency: an early answer would have to be a right one, for each is held against what was predicted of its row.

The latency of a run is one number, `median_ms` over rows of its own.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.records import Failure, RunRequest
from seedbed_runner.errors import Infrastructure, ModelFailure
from seedbed_runner.pipes import read_fully, write_fully
from seedbed_runner.plainfile import open_plain, read_exactly
from seedbed_runner.reprediction import bring_weights, disagreement, failed, with_time_left
from seedbed_runner.workfolder import PREDICTIONS, Task, TrainRecord, WorkFolder, make_empty

WARM_UP = 5  # passes that are not counted: the first ones allocate and choose kernels
REPEATS = 30
LEAST_SECONDS = 10.0  # for it, however long training took: what starts runs waits a minute beyond a deadline
_DOING = "measuring its latency"
_TELLS, _ASKS, _HEARS = 3, 4, 5  # descriptors of the asking process


def median_ms(seconds: Callable[[], float], repeats: int = REPEATS) -> float:
    """The median of `repeats` passes in milliseconds, after some that are not counted."""
    for _ in range(WARM_UP):
        seconds()
    return 1000 * statistics.median(seconds() for _ in range(repeats))


def measure_latency(work: Path, request: RunRequest, trained: TrainRecord) -> TrainRecord:
    """The train step's record with the latency, or with the reason why the model has none.

    Args:
        work: the run's work folder, when `train` is over.
        request: the run.
        trained: what its supervisor saw.

    Raises:
        Infrastructure: the disk is full, or a process of ours was killed from outside or could not be sealed.
    """
    if trained.failure is not None:
        return trained
    from seedbed_runner import serving
    from seedbed_runner.train import supervise

    folder = WorkFolder(work)
    make_empty(folder.timed)
    if not bring_weights(folder, WorkFolder(folder.timed).data):
        return trained  # the scorer will say what is wrong with the weights
    asker, asked = _Asker(folder, request), with_time_left(request, trained, LEAST_SECONDS)
    try:
        seen = supervise(folder.timed, asked, serving.run, pipes=asker.child_ends)
    finally:
        text = asker.end()
    if seen.failure is not None:
        return failed(trained, _DOING, seen.failure)
    said = _understood(text)
    if isinstance(said, Failure):
        return failed(trained, _DOING, said)
    return replace(trained, latency_ms=said)


class _Asker:
    """The process that asks; `child_ends` are where the child hears and answers."""

    def __init__(self, folder: WorkFolder, request: RunRequest) -> None:
        from seedbed_runner.forks import fork_isolated

        self._told, tells = os.pipe()
        child_hears, asks = os.pipe()
        hears, child_answers = os.pipe()
        with folder.log.open("ab") as log:
            self._pid = fork_isolated(lambda: _ask(folder, request), log.fileno(), tells, asks, hears)
        for end in (tells, asks, hears):
            os.close(end)
        self.child_ends = (child_hears, child_answers)

    def end(self) -> bytes:
        """What it says, now that the child is dead."""
        for end in self.child_ends:  # strictly before listening: it goes on until nobody can answer
            os.close(end)
        text = b""
        while chunk := os.read(self._told, 65_536):
            text += chunk
        os.close(self._told)
        os.waitpid(self._pid, 0)
        return text


def _understood(text: bytes) -> float | Failure:
    """A latency in milliseconds, or what is wrong with the answers."""
    if not text:
        raise Infrastructure("NotTimed", "the process that measures the latency ended early: see log.txt")
    said = json.loads(text)
    return said if isinstance(said, float) else Failure(**said)


def _ask(folder: WorkFolder, request: RunRequest) -> int:
    """The asking process: ask for one row after the other, and tell what came of it."""
    from seedbed_runner.sandbox import kernel

    kernel.hide_memory()  # strictly before the child runs code: it is its sibling
    said: float | dict[str, str] = _timed(folder, request)
    os.write(_TELLS, json.dumps(said).encode())
    return 0


def _timed(folder: WorkFolder, request: RunRequest) -> float | dict[str, str]:
    inputs, task = np.load(folder.data / "evaluation_inputs.npy", mmap_mode="r"), folder.read_task()
    rows = np.random.default_rng(int.from_bytes(os.urandom(16))).permutation(len(inputs))
    rows = np.resize(rows, WARM_UP + REPEATS)
    answers: list[NDArray[np.float32]] = []

    def one() -> float:
        question = np.ascontiguousarray(inputs[rows[len(answers)]]).tobytes()
        started = time.perf_counter()
        write_fully(_ASKS, question)
        answer = read_fully(_HEARS, 4 * task.classes)
        took = time.perf_counter() - started
        answers.append(np.frombuffer(answer, dtype="<f4"))
        return took

    try:
        latency = median_ms(one)
        _hold_against(_predicted(folder, rows, task), np.stack(answers), request, task)
    except (EOFError, BrokenPipeError):
        return {"reason": "NoPredictions", "message": f"it gave {len(answers)} of {len(rows)} answers"}
    except ModelFailure as error:
        return {"reason": error.reason, "message": str(error)}
    return latency


def _predicted(folder: WorkFolder, rows: NDArray[np.int64], task: Task) -> NDArray[np.float32]:
    """What training predicted of these rows (rows × columns)."""
    with open_plain(folder.out, PREDICTIONS) as (handle, size):
        if size != 4 * task.rows * task.classes:
            raise ModelFailure("Shape", f"{PREDICTIONS} has {size} bytes: not a value for each row")
        data = read_exactly(handle, size)
    return np.frombuffer(data, dtype="<f4").reshape(task.rows, task.classes)[rows]


def _hold_against(
    expected: NDArray[np.float32], given: NDArray[np.float32], request: RunRequest, task: Task
) -> None:
    """Raises ModelFailure: NotReproduced, where an answer is not what was predicted of its row."""
    centre, unit = (task.target.mean[0], task.target.deviation[0]) if task.target else (0.0, 1.0)
    wrong, largest = disagreement(expected, given, request.training["precision"], centre, unit)
    if wrong or not np.isfinite(given).all():
        raise ModelFailure(
            "NotReproduced",
            f"asked for single rows it answers otherwise than it predicted in {wrong} of {len(given)}, by up "
            f"to {largest:.3g}: a prediction must follow from its row and the saved state alone",
        )
