"""What a model in source text may be: the functions it gives, what it may import, how long it may be.

`seedbed.api.source` checks a text against this before it is stored, `seedbed_runner.models.generated`
makes a module of it in the train child:

    build_model(input_shape, num_classes)
        a new nn.Module from (batch, *input_shape) float32 to (batch, num_classes) logits, on the CPU;
        `input_shape` is a tuple without the batch
    build_optimizer(model, lr, weight_decay)
        optional: a torch.optim.Optimizer of the model's parameters instead of the one that the training
        names; the schedule moves the rate of each parameter group in proportion
    augment(inputs)
        optional: a training batch (rows, *input_shape), on the training device, to another one of the same
        shape and type; torch's random numbers come from the run's augmentation stream meanwhile
"""

from collections.abc import Mapping
from typing import Any

from seedbed_runner.contract.records import RunRequest

FILE = "<source>"  # the file name under which the text is compiled: how its lines are known in a traceback
MAX_BYTES = 32_768
FUNCTIONS = {
    "build_model": ("input_shape", "num_classes"),
    "build_optimizer": ("model", "lr", "weight_decay"),
    "augment": ("inputs",),
}
REQUIRED = "build_model"
MODULES = frozenset({
    "__future__", "abc", "collections", "collections.abc", "copy", "dataclasses", "enum", "functools",
    "itertools", "math", "numbers", "operator", "torch", "typing",
})  # fmt: skip
# With everything below them.
PACKAGES = (
    "torch.autograd", "torch.fft", "torch.func", "torch.linalg", "torch.nn", "torch.optim", "torch.special",
    "torch.utils.checkpoint", "torchvision.models",
)  # fmt: skip

_OUR_OWN = ({"layers"}, {"torchvision"})


def repredicts(request: RunRequest) -> bool:
    """Whether a run's predictions are made again from its weights: confirmations of code that is not ours."""
    return request.purpose == "Confirm" and is_foreign(request.model)


def is_foreign(model: Mapping[str, Any]) -> bool:
    """Whether a model, as a run's request describes it, is code that is not ours."""
    return set(model) not in _OUR_OWN
