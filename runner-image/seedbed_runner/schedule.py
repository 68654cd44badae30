"""The learning rate's factor at each optimizer step: a linear warm-up, then the schedule's own shape."""

import math
from collections.abc import Mapping
from typing import Any

# OneCycle as Smith and Topin (1708.07120) and torch's OneCycleLR have it: up during the first 30 % of the
# steps from 1/25 of the peak, then down to 1/10,000 of the start, both along a half cosine.
_RISE, _START = 0.3, 1 / 25
_END = _START / 10_000


def factor(step: int, schedule: Mapping[str, Any], epochs: int, steps_per_epoch: int) -> float:
    """What the learning rate is multiplied by.

    Args:
        step: counts optimizer steps from 0.
        schedule: `spec.training.schedule`.
        epochs: of the whole training, warm-up included.
        steps_per_epoch: optimizer steps in an epoch.
    """
    warmup = schedule["warmupEpochs"] * steps_per_epoch
    if step < warmup:
        return float((step + 1) / warmup)
    after, total = step - warmup, epochs * steps_per_epoch - warmup
    progress = after / total
    match schedule["type"]:
        case "Constant":
            return 1.0
        case "Cosine":
            return _half_cosine(1.0, 0.0, progress)
        case "OneCycle" if progress < _RISE:
            return _half_cosine(_START, 1.0, progress / _RISE)
        case "OneCycle":
            return _half_cosine(1.0, _END, (progress - _RISE) / (1 - _RISE))
        case "Step":
            drops = after // (schedule["stepEpochs"] * steps_per_epoch)
            return float(schedule["gamma"] ** drops)
    raise ValueError(f"{schedule['type']!r} is no schedule")


def _half_cosine(begin: float, end: float, progress: float) -> float:
    return end + (begin - end) * (1 + math.cos(math.pi * progress)) / 2
