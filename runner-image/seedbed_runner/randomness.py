"""A run's randomness: one `SeedSequence` of the run's seed, spawned for each use; and the deterministic mode.

Streams are separate so that one use drawing more numbers never moves another: a longer training keeps its
first weights, a dropout layer keeps the order of the batches.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

Made = TypeVar("Made")
BatchFunction = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Streams:
    """One seed (below 2⁶³) for each use of randomness in a run."""

    initialisation: int
    order: int
    dropout: int
    augmentation: int


def streams(seed: int) -> Streams:
    """The streams of a run's seed."""
    children = np.random.SeedSequence(seed).spawn(4)
    return Streams(*(int(child.generate_state(1, np.uint64)[0] >> np.uint64(1)) for child in children))


def fresh_model(build: Callable[[], Made], drawn: Streams) -> Made:
    """A model whose first weights depend on the initialisation stream alone."""
    torch.manual_seed(drawn.initialisation)
    return build()


def with_stream(function: BatchFunction, seed: int, device: torch.device) -> BatchFunction:
    """`function` with torch's random numbers from a stream of its own, which goes on from call to call.

    The stream of who calls it is left where it was, so that a dropout layer draws the same with or without.
    """
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        states = _random_states(devices)

    def call(batch: torch.Tensor) -> torch.Tensor:
        nonlocal states
        with torch.random.fork_rng(devices):
            torch.set_rng_state(states[0])
            for place, state in zip(devices, states[1:], strict=True):
                torch.cuda.set_rng_state(state, place)
            made = function(batch)
            states = _random_states(devices)
        return made

    return call


def _random_states(devices: list[torch.device]) -> list[torch.Tensor]:
    """The CPU's state, then each device's."""
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state(device) for device in devices)]


@contextmanager
def deterministic(threads: int) -> Iterator[None]:
    """Within, PyTorch gives the same bits each time on the same machine; settings and state return after.

    Args:
        threads: intra-op threads; another number adds in another order and gives other bits.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before CUDA starts, or cuBLAS refuses
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    fill: Any = torch.utils.deterministic  # its attributes are properties that type checkers don't see
    before = (torch.get_num_threads(), torch.get_deterministic_debug_mode())
    flags = (cudnn.benchmark, cudnn.allow_tf32, matmul.allow_tf32, fill.fill_uninitialized_memory)
    with torch.random.fork_rng(devices=[]):
        try:
            torch.set_num_threads(threads)
            # As `use_deterministic_algorithms`, which would import torch's compiler, for a second.
            torch.set_deterministic_debug_mode("error")
            cudnn.benchmark = cudnn.allow_tf32 = matmul.allow_tf32 = fill.fill_uninitialized_memory = False
            yield
        finally:
            torch.set_num_threads(before[0])
            torch.set_deterministic_debug_mode(before[1])
            cudnn.benchmark, cudnn.allow_tf32, matmul.allow_tf32, fill.fill_uninitialized_memory = flags
