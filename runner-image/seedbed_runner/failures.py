"""Which model failure an exception of model building or training is, and its sentence.

Called in the train child only, on what untrusted models raise: the text is made printable and short.
"""

import traceback

import torch

from seedbed_runner.contract.layers import LayerError
from seedbed_runner.contract.records import Failure
from seedbed_runner.contract.source import FILE
from seedbed_runner.errors import ModelFailure
from seedbed_runner.printable import printable
from seedbed_runner.sandbox.refusals import refusal

_MEMORY_SIGNS = ("can't allocate memory", "not enough memory", "out of memory", "std::bad_alloc")
_SHAPE_SIGNS = (
    "shapes cannot be multiplied", "size mismatch", "invalid for input of size", "must match the size",
    "to have", "expected input", "expected more than 1 value per channel", "kernel size can't be greater",
    "output size is too small", "sizes of tensors must match", "out of range", "input and weight",
)  # fmt: skip


def classify(error: Exception) -> Failure:
    """The failure that `error` amounts to."""
    if isinstance(error, ModelFailure):
        return Failure(error.reason, printable(str(error)))
    if isinstance(error, LayerError):
        return Failure("Shape", printable(str(error)))
    if refused := refusal(error):
        return refused
    text = _said(error).lower()
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(sign in text for sign in _MEMORY_SIGNS):
        return Failure("OutOfMemory", _sentence(error))
    shape = isinstance(error, RuntimeError | ValueError) and any(sign in text for sign in _SHAPE_SIGNS)
    return Failure("Shape" if shape else "Crash", _sentence(error))


def _sentence(error: Exception) -> str:
    """The line of a model's source that raised it, the exception's type, the first line of what it says."""
    first = next(iter(_said(error).strip().splitlines()), "")
    lines = [
        line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == FILE
    ]
    where = f"line {lines[-1]} of the source: " if lines else ""
    return printable(where + (f"{type(error).__name__}: {first}" if first else type(error).__name__))


def _said(error: Exception) -> str:
    """What an exception says of itself; its class may be foreign code, which may raise in its turn."""
    try:
        return str(error)
    except Exception:
        return ""
