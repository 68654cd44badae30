"""The child whose latency is measured: builds the model, loads its weights, answers row by row. Untrusted.

`latency` has it forked and sealed; it sees the weights, and the rows one at a time. Of
`evaluation_inputs.npy` it has the type and shape of a row, and no row.
"""

import math
from pathlib import Path

import numpy as np

from seedbed_runner.again import rebuilt
from seedbed_runner.batches import in_own_unit, reader
from seedbed_runner.child import carry_out, choose_device
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.loop import predict
from seedbed_runner.pipes import read_fully, write_fully
from seedbed_runner.workfolder import WorkFolder

_HEARS, _ANSWERS = 5, 6  # after standard output, errors and the gate


def run(work: Path, request: RunRequest) -> int:
    """Answer until nobody asks any more; the exit code, as of `child.carry_out`."""
    return carry_out(_serve, work, request, foreign=True)


def _serve(folder: WorkFolder, request: RunRequest) -> None:
    device, task = choose_device(request.device), folder.read_task()
    model = rebuilt(folder, request, task).to(device)
    rows = np.load(folder.data / "evaluation_inputs.npy")  # 0 × input shape
    size, precision, read = (
        math.prod(rows.shape[1:]) * rows.itemsize,
        request.training["precision"],
        reader(task.scaling, device),
    )
    while True:
        try:
            question = read_fully(_HEARS, size)
        except EOFError:
            return
        row = np.frombuffer(question, dtype=rows.dtype).reshape(1, *rows.shape[1:])
        predicted = predict(model, row, device, precision, read)
        write_fully(_ANSWERS, in_own_unit(predicted, task.target).numpy().astype("<f4").tobytes())
