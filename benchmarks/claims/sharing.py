"""Parts of the benchmark, cut into chunks with a random stream each, over all processes.

A part is a function (rng, count) -> sums: a dict of numbers, which are added up, and lists, which are joined.
Streams belong to chunks and not to processes, so figures don't depend on how many processes there are.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

Sums = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One simulation: `count` repetitions of it, in chunks."""

    name: str
    simulate: Callable[..., Sums]
    count: int
    chunk: int = 500


def run(parts: list[Part], processes: int) -> dict[str, Sums]:
    """The sums of every part, by its name; `n` is the number of repetitions."""
    found: dict[str, Sums] = {part.name: {"n": 0} for part in parts}
    with ProcessPoolExecutor(processes) as pool:
        futures = []
        for part in parts:
            for start in range(0, part.count, part.chunk):
                size = min(part.chunk, part.count - start)
                futures.append((part, pool.submit(_chunk, part.simulate, _stream(part.name, start), size)))
        for part, future in futures:
            _merge(found[part.name], future.result())
    return found


def _stream(name: str, start: int) -> np.random.SeedSequence:
    return np.random.SeedSequence([*name.encode(), start])


def _chunk(simulate: Callable[..., Sums], seed: np.random.SeedSequence, count: int) -> Sums:
    return {"n": count} | simulate(np.random.default_rng(seed), count)


def _merge(total: Sums, sums: Sums) -> None:
    for key, value in sums.items():
        total[key] = total[key] + value if key in total else value
