"""How much arithmetic a forward pass is: called by the train step once the child is dead, and by `costs`.

The train step counts on a model of its own with weights of its own: the number depends on the request and the
shape of the data, on nothing that training did.
"""

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from seedbed_runner.contract.records import RunRequest
from seedbed_runner.models import build
from seedbed_runner.randomness import deterministic
from seedbed_runner.workfolder import Task


def flops_a_row(request: RunRequest, task: Task) -> int | None:
    """Floating point operations of one row's forward pass; None where the model is code of others."""
    if "source" in request.model:
        return None
    kind = torch.int64 if task.vocabulary else torch.float32
    with deterministic(1), torch.inference_mode():
        model = build(request.model, task.input_shape, task.classes, task.vocabulary).model.eval()
        row = torch.zeros((1, *task.input_shape), dtype=kind)
        return counted(lambda: model(row))


def counted(work: Callable[[], object]) -> int:
    """Floating point operations of `work`; a multiply-add counts twice."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())
