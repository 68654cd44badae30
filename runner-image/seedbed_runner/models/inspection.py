"""What a module and an optimizer that we did not write must be: looked at before training, not after it.

Weights are counted and saved by name afterwards, so what could not be saved is refused here.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from seedbed_runner.errors import ModelFailure
from seedbed_runner.weights import MAX_FILE, MAX_TENSORS

_ROWS = 2


def inspect_model(model: nn.Module, input_shape: Sequence[int], classes: int, vocabulary: int = 0) -> None:
    """Refuse a model that can't be trained, scored or saved; it is left in evaluation mode.

    Raises:
        ModelFailure: Format, Shape, Size or NonFinite; what the model's own code raises comes as it is.
    """
    if not isinstance(model, nn.Module):
        raise ModelFailure("Format", f"build_model returned a {type(model).__name__}, not an nn.Module")
    _inspect_device(model)
    _inspect_output(model, input_shape, classes, vocabulary)  # lazy modules get their sizes from it
    _inspect_state(model)
    _inspect_parameters(dict(model.named_parameters()))


def _inspect_device(model: nn.Module) -> None:
    for name, value in (*model.named_parameters(), *model.named_buffers()):
        if value.device.type != "cpu":
            raise ModelFailure(
                "Format",
                f"{name} is on {value.device}: build the model on the CPU, the runner moves it to its device",
            )


def _inspect_output(model: nn.Module, input_shape: Sequence[int], classes: int, vocabulary: int) -> None:
    drawn = torch.Generator().manual_seed(0)
    if vocabulary:
        rows = torch.randint(0, vocabulary, (_ROWS, *input_shape), generator=drawn, dtype=torch.int32)
    else:
        rows = torch.randn(_ROWS, *input_shape, generator=drawn)
    model.eval()
    with torch.no_grad():  # inference mode would leave a lazy module weights that can't be trained
        logits = model(rows)
    if not isinstance(logits, torch.Tensor):
        raise ModelFailure("Shape", f"the model gives a {type(logits).__name__}, not a tensor of logits")
    if (given := tuple(logits.shape)) != (_ROWS, classes) or not logits.is_floating_point():
        raise ModelFailure(
            "Shape",
            f"the model gives {given} {logits.dtype} for {_ROWS} rows of {tuple(input_shape)}, "
            f"but one logit for each of {classes} classes was due",
        )


def _inspect_state(model: nn.Module) -> None:
    state = model.state_dict()
    strange = [name for name, value in state.items() if not isinstance(value, torch.Tensor)]
    if strange:
        raise ModelFailure("Format", f"the model's state {strange[0]} is no tensor: it can't be saved")
    unsized = [name for name, value in state.items() if is_lazy(value)]
    if unsized:
        raise ModelFailure("Format", f"{unsized[0]} has no size after a first batch: no input comes there")
    size = sum(value.numel() * value.element_size() for value in state.values())
    if len(state) > MAX_TENSORS or size > MAX_FILE:
        raise ModelFailure(
            "Size",
            f"the model holds {len(state)} tensors of {size} bytes, at most {MAX_TENSORS} "
            f"of {MAX_FILE} bytes are kept",
        )


def _inspect_parameters(parameters: dict[str, nn.Parameter]) -> None:
    if not any(value.requires_grad for value in parameters.values()):
        raise ModelFailure("Format", "the model has no parameters that can be trained")
    for name, value in parameters.items():
        if not torch.isfinite(value).all():
            raise ModelFailure("NonFinite", f"the parameter {name} is not finite before any training")


def inspect_optimizer(optimizer: torch.optim.Optimizer, model: nn.Module) -> None:
    """Refuse what the training loop can't step or move the rate of.

    Raises:
        ModelFailure: Format.
    """
    if not isinstance(optimizer, torch.optim.Optimizer):
        kind = type(optimizer).__name__
        raise ModelFailure("Format", f"build_optimizer returned a {kind}, not a torch.optim.Optimizer")
    own = {id(value) for value in model.parameters()}
    for group in optimizer.param_groups:
        if "lr" not in group:
            raise ModelFailure(
                "Format", "a parameter group of build_optimizer's has no `lr`, which the schedule moves"
            )
        if any(id(value) not in own for value in group["params"]):
            raise ModelFailure(
                "Format", "build_optimizer optimizes tensors that are not the model's parameters"
            )
