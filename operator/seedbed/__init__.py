"""Seedbed: one manifest in, a search over PyTorch experiments out, and a claim that holds.

This is the control side; it never imports torch. The one thing that it lends from the training side is
`quick_evaluate_once`, imported when it is first asked for.
"""

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed_runner.evaluator import (
        QuickEvalConfig,
        QuickEvalResult,
        RunnerError,
        SeedResult,
        quick_evaluate_once,
    )

__all__ = ["QuickEvalConfig", "QuickEvalResult", "RunnerError", "SeedResult", "quick_evaluate_once"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the evaluator (and torch) only when one of its names is used."""
    if name in __all__:
        return getattr(_evaluator(), name)
    raise AttributeError(f"module 'seedbed' has no attribute {name!r}")


def _evaluator() -> Any:
    """Its module. What an import makes stays: collections meanwhile would find nothing, for half a second."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        from seedbed_runner import evaluator
    finally:
        if collecting:
            gc.enable()
    return evaluator
