"""Seedbed: one manifest in, a search over PyTorch experiments out, and a claim that holds.

This is the control side; it never imports torch. The one thing that it lends from the training side is
`quick_evaluate_once`, imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed_runner.quick import (
        QuickEvalConfig,
        QuickEvalResult,
        RunnerError,
        SeedResult,
        quick_evaluate_once,
    )

__all__ = ["QuickEvalConfig", "QuickEvalResult", "RunnerError", "SeedResult", "quick_evaluate_once"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the evaluator only when one of its names is used."""
    if name not in __all__:
        raise AttributeError(f"module 'seedbed' has no attribute {name!r}")
    from seedbed_runner import quick

    return getattr(quick, name)
