"""What a trained model costs to use, measured from outside of it: arithmetic, latency, throughput.

For people; no verdict rests on these. Times are of this machine and this many threads.
"""

import statistics
import time
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from seedbed_runner.batches import BatchFunction
from seedbed_runner.flops import counted
from seedbed_runner.latency import median_ms
from seedbed_runner.loop import predict

_REPEATS = 10
_ROWS = 512


@dataclass(frozen=True)
class Costs:
    """Of one model.

    Attributes:
        parameters: trainable ones.
        flops: floating point operations of a forward pass, a row; a multiply-add counts twice.
        latency_ms: of one row by itself, the median of ten.
        rows_per_second: of batches of up to 512 rows.
    """

    parameters: int
    flops: int
    latency_ms: float
    rows_per_second: float


def costs(model: torch.nn.Module, inputs: NDArray[Any], device: torch.device, read: BatchFunction) -> Costs:
    """Measure `model` on `inputs` (rows × input shape, as they are stored)."""
    one, many = inputs[:1], inputs[:_ROWS]

    def seconds(rows: NDArray[Any]) -> float:
        started = time.perf_counter()
        predict(model, rows, device, "float32", read)  # ends with the copy to the CPU: nothing is pending
        return time.perf_counter() - started

    flops = counted(lambda: seconds(one))
    seconds(many)  # the first pass of a size is slower
    return Costs(
        parameters=sum(weights.numel() for weights in model.parameters() if weights.requires_grad),
        flops=flops,
        latency_ms=median_ms(lambda: seconds(one), _REPEATS),
        rows_per_second=len(many) / statistics.median(seconds(many) for _ in range(3)),
    )
