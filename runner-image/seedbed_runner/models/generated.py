"""A model from source text: runs the text in a module of its own and checks what its functions make.

Called in the train child alone, with torch's random state seeded for the model's first weights; the functions
are those of `contract.source`. The text was read by `seedbed.api.source` before, but nothing here relies
on that: what it does is decided by the process in which it runs. Whatever goes wrong is a `ModelFailure` that
names the line of the text.
"""

import linecache
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from seedbed_runner.contract.source import FILE, FUNCTIONS, REQUIRED
from seedbed_runner.errors import ModelFailure
from seedbed_runner.failures import classify
from seedbed_runner.models.built import Augmentation, Built, OptimizerBuilder
from seedbed_runner.models.inspection import inspect_model, inspect_optimizer
from seedbed_runner.models.torchvision_import import torchvision_models

_Function = Callable[..., Any]


def build_generated(source: str, input_shape: Sequence[int], classes: int, vocabulary: int = 0) -> Built:
    """The model, and where the text has them its optimizer and augmentation.

    Args:
        source: text of a Python module.
        input_shape: of one item.
        classes: how many logits.
        vocabulary: items are token ids below it (int32); 0: they are numbers (float32).

    Raises:
        ModelFailure: Format, when the text or what it makes is not what it must be; else by what was raised.
    """
    functions = _functions(source)
    with _blamed(REQUIRED):
        model: nn.Module = functions[REQUIRED](tuple(input_shape), classes)
        inspect_model(model, input_shape, classes, vocabulary)
    optimizer, augment = functions.get("build_optimizer"), functions.get("augment")
    return Built(model, optimizer and _optimizer(optimizer), augment and _augmentation(augment))


def _functions(source: str) -> dict[str, _Function]:
    """Those functions of the contract that the text defines."""
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ModelFailure("Format", f"line {error.lineno or 1} of the source: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ModelFailure("Format", "the source is not text that Python can compile") from error
    linecache.cache[FILE] = (
        len(source),
        None,
        source.splitlines(keepends=True),
        FILE,
    )  # for a refusal's words
    module = types.ModuleType("generated")
    with _blamed("loading the source"):
        if "torchvision" in source:
            torchvision_models()  # or its own import fails where torchvision's compiled part is another build
        exec(code, vars(module))
    found = {name: vars(module)[name] for name in FUNCTIONS if name in vars(module)}
    for name, parameters in FUNCTIONS.items():
        if not isinstance(found.get(name), types.FunctionType) and (name in found or name == REQUIRED):
            raise ModelFailure("Format", f"the source has no function {name}({', '.join(parameters)})")
    return found


def _optimizer(function: _Function) -> OptimizerBuilder:
    def build(model: nn.Module, settings: Mapping[str, Any]) -> torch.optim.Optimizer:
        with _blamed("build_optimizer"):
            made: torch.optim.Optimizer = function(model, settings["lr"], settings["weightDecay"])
            inspect_optimizer(made, model)
        return made

    return build


def _augmentation(function: _Function) -> Augmentation:
    def augment(batch: torch.Tensor) -> torch.Tensor:
        due = _form(batch)  # before the call, which may change the batch in place
        with _blamed("augment"), torch.no_grad():
            made: torch.Tensor = function(batch)
        if not isinstance(made, torch.Tensor) or _form(made) != due:
            given = _form(made) if isinstance(made, torch.Tensor) else type(made).__name__
            raise ModelFailure("Shape", f"augment gave {given} for a batch of {due}")
        return made

    return augment


def _form(batch: torch.Tensor) -> str:
    return f"{tuple(batch.shape)} {batch.dtype} on {batch.device}"


@contextmanager
def _blamed(step: str) -> Iterator[None]:
    """Turn whatever is raised within into a `ModelFailure` that says in which step it was."""
    try:
        yield
    except ModelFailure:
        raise
    except Exception as error:  # foreign code may raise anything
        failure = classify(error)
        raise ModelFailure(failure.reason, f"{step}: {failure.message}") from error
