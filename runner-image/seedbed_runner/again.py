"""The child that predicts again: builds the model, loads its weights, predicts. Untrusted, like `child`.

`reprediction` has it forked and sealed; it sees the weights and the inputs in another order, and nothing of
what was trained on.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load

from seedbed_runner.batches import in_own_unit, reader
from seedbed_runner.child import carry_out, choose_device
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import ModelFailure
from seedbed_runner.loop import predict
from seedbed_runner.models import build
from seedbed_runner.randomness import fresh_model, streams
from seedbed_runner.workfolder import PREDICTIONS, WEIGHTS, Task, WorkFolder

_MOST_AT_ONCE = (
    256  # and never all rows at once: a row's prediction may not depend on the others of its batch
)


def run(work: Path, request: RunRequest) -> int:
    """Predict; the exit code, as of `child.carry_out`."""
    return carry_out(_predict, work, request, foreign=True)


def rebuilt(folder: WorkFolder, request: RunRequest, task: Task) -> torch.nn.Module:
    """The model with the weights in the folder's data, on the CPU.

    Raises:
        ModelFailure: NotReproduced, when the weights are those of another model.
    """
    model = fresh_model(
        lambda: build(request.model, task.input_shape, task.classes, task.vocabulary), streams(request.seed)
    ).model
    state = load((folder.data / WEIGHTS).read_bytes())
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        said = f"the saved weights are not those of the model that the source builds: {error}"
        raise ModelFailure("NotReproduced", said) from error
    return model


def _predict(folder: WorkFolder, request: RunRequest) -> None:
    device, task = choose_device(request.device), folder.read_task()
    model = rebuilt(folder, request, task)
    inputs = np.load(folder.data / "evaluation_inputs.npy", mmap_mode="r")
    at_once = max(1, min(_MOST_AT_ONCE, len(inputs) // 3))
    precision, read = request.training["precision"], reader(task.scaling, device)
    predicted = predict(model.to(device), inputs, device, precision, read, at_once)
    given = in_own_unit(predicted, task.target).numpy().astype("<f4")
    (folder.out / PREDICTIONS).write_bytes(given.tobytes())
