"""Reading what a trainer said of itself: `diagnostics.json` may be anything, and is shown to people only."""

from typing import Any, TypeGuard

MAX_EPOCHS = 10_000
CURVES = ("train_loss", "learning_rate", "gradient_norm", "slice_score")
_LARGEST = 1e300


def curves_in(reported: Any) -> dict[str, list[float | None]]:
    """The curves by name, a number an epoch; None where an epoch has no finite one.

    A curve that is no list of at most `MAX_EPOCHS` numbers is left out whole.
    """
    if not isinstance(reported, dict):
        return {}
    found = {name: reported.get(name) for name in CURVES}
    return {name: [_number(value) for value in curve] for name, curve in found.items() if _is_curve(curve)}


def ends_in(reported: Any, earliest: float, latest: float) -> list[float]:
    """When each epoch ended, in seconds since 1970; empty unless each is after the last, and within the run.

    Args:
        reported: what a trainer said of itself; one of an earlier version does not say this.
        earliest: when the run started, by its record.
        latest: when it finished.
    """
    said = reported.get("ended_at") if isinstance(reported, dict) else None
    if not isinstance(said, list) or len(said) > MAX_EPOCHS or not all(map(is_finite, said)):
        return []
    ends = [float(value) for value in said]
    return ends if sorted([earliest, *ends, latest]) == [earliest, *ends, latest] else []


def is_finite(value: Any) -> bool:
    """Whether a value is a number that a float can hold, however many digits it was written with."""
    return type(value) in (int, float) and -_LARGEST <= value <= _LARGEST


def _is_curve(curve: Any) -> TypeGuard[list[Any]]:
    return (
        isinstance(curve, list)
        and 0 < len(curve) <= MAX_EPOCHS
        and all(value is None or type(value) in (int, float) for value in curve)
    )


def _number(value: Any) -> float | None:
    return float(value) if is_finite(value) else None
