"""The train child: builds the model, trains it, writes predictions and weights. Untrusted by all that follow.

`train.supervise` forks it; it sees the work folder's `data` and writes to `out` alone. A failure is told in
`out/failure.json`: the supervisor takes it for text, nothing more.
"""

import json
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from seedbed_runner.augmentations import in_turn, named
from seedbed_runner.batches import in_own_unit, mapped, reader, scaled_values
from seedbed_runner.contract.layers import LayerError
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import FULL, ModelFailure
from seedbed_runner.failures import classify
from seedbed_runner.loop import Diagnostics, predict, train_model
from seedbed_runner.models import Built, build
from seedbed_runner.randomness import deterministic, fresh_model, streams
from seedbed_runner.workfolder import DIAGNOSTICS, FAILURE, PREDICTIONS, WEIGHTS, Task, WorkFolder

EXIT_FAILED = 3
EXIT_DISK_FULL = 28


def run(work: Path, request: RunRequest) -> int:
    """Train one seed; the exit code, as of `carry_out`."""
    return carry_out(_train, work, request, foreign="source" in request.model)


def carry_out(
    body: Callable[[WorkFolder, RunRequest], None], work: Path, request: RunRequest, foreign: bool
) -> int:
    """What a sealed child does.

    Returns:
        The exit code: 0, EXIT_FAILED with a failure's text in `out`, or EXIT_DISK_FULL.
    """
    folder = WorkFolder(work)
    try:
        with deterministic(request.threads):
            body(folder, request)
        return 0
    except Exception as error:  # whatever a model raises is a result, told in one sentence
        return _tell(error, folder.out, foreign)


def _tell(error: Exception, out: Path, foreign: bool) -> int:
    """Log an error, in one sentence where a person's or a model's own words caused it, and write it down."""
    if foreign or isinstance(error, ModelFailure | LayerError):
        print(classify(error).message)
    else:
        traceback.print_exception(error)
    try:
        if not (isinstance(error, OSError) and error.errno in FULL):
            (out / FAILURE).write_bytes(classify(error).to_json())
            return EXIT_FAILED
    except OSError as second:
        if second.errno not in FULL:
            raise
    return EXIT_DISK_FULL


def _train(folder: WorkFolder, request: RunRequest) -> None:
    device, task, drawn = choose_device(request.device), folder.read_task(), streams(request.seed)
    built: Built = fresh_model(
        lambda: build(request.model, task.input_shape, task.classes, task.vocabulary), drawn
    )
    model, read = built.model, reader(task.scaling, device)
    augment = in_turn([named(request.training.get("augment", ()), task.input_shape), built.augment])
    inputs = mapped(folder.data / "train_inputs.npy")
    labels = scaled_values(mapped(folder.data / "train_labels.npy"), task.target)
    evaluation = np.load(folder.data / "evaluation_inputs.npy", mmap_mode="r")
    _check_output(model.to(device), evaluation[:2], task, device)
    started_at = time.time()
    diagnostics = train_model(
        model, inputs, labels, request.training, drawn, device, _print_epoch, built.optimizer, augment, read
    )
    predicted = predict(model, evaluation, device, request.training["precision"], read)
    given = in_own_unit(predicted, task.target).numpy().astype("<f4")
    (folder.out / PREDICTIONS).write_bytes(given.tobytes())
    weights = {name: plain(value) for name, value in model.state_dict().items()}
    (folder.out / WEIGHTS).write_bytes(save(weights))
    told = {"self_reported": True, "training_started_at": started_at, "device": str(device)}
    (folder.out / DIAGNOSTICS).write_text(json.dumps(told | diagnostics.document(), allow_nan=False))


def plain(value: torch.Tensor) -> torch.Tensor:
    """A copy of weights that safetensors takes: on the CPU, in row order."""
    return value.detach().cpu().clone(memory_format=torch.contiguous_format)


def choose_device(asked: str) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` means here.

    Raises:
        ModelFailure: NoDevice, when `cuda` was asked for and there is none.
    """
    if asked == "cpu" or (asked == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise ModelFailure(
            "NoDevice", "device cuda was asked for, but this machine has no usable CUDA device"
        )
    return torch.device("cuda", 0)


def _check_output(model: torch.nn.Module, inputs: Any, task: Task, device: torch.device) -> None:
    """Run two rows through the new model: a wrong shape is told before hours of training, not after."""
    given = tuple(predict(model, inputs, device, "float32", reader(task.scaling, device)).shape)
    if given != (len(inputs), task.classes):
        due = f"{task.classes} classes were" if task.task == "classification" else "one value a row was"
        raise ModelFailure("Shape", f"the model gives {given} for {len(inputs)} rows, but {due} due")


def _print_epoch(diagnostics: Diagnostics) -> None:
    epoch, loss = len(diagnostics.train_loss), diagnostics.train_loss[-1]
    held = f", slice {diagnostics.slice_score[-1]:.4f}" if diagnostics.slice_score else ""
    print(f"epoch {epoch}: loss {loss:.4f}, rate {diagnostics.learning_rate[-1]:.3g}{held}", flush=True)
