"""What is simulated: every part of the benchmark, with the repetitions that its bar needs."""

from functools import partial
from itertools import product

import searches
import single
from scores import GAP, NULL_RULES, NULLS, RULES, SEARCHES, STRESS, Ceiling, null
from sharing import Part

SIZES = ((5, 5), (5, 10), (3, 12), (10, 10))
RATIOS = (1.0, 2.0, 4.0)
COVERED = (3, 5, 10, 20)
POPULATION_KEYS = ("items", "n", "accuracy", "alike", "spread")
POPULATIONS = tuple(product((100, 360, 1000), (4, 12), (0.8, 0.97), (0.3, 0.9), (0.02, 0.2)))
FEWEST = 20


def parts(scale: float) -> list[Part]:
    """Every simulation; `scale` 1 is the full benchmark."""
    found = [*_checks(), *_searches(), *_stress(), *_intervals(), *_attempts()]
    return [
        Part(part.name, part.simulate, max(FEWEST, int(part.count * scale)), part.chunk) for part in found
    ]


def _part(name, simulate, count, chunk, **arguments):
    return Part(name, partial(simulate, **arguments), count, chunk)


def _checks():
    yield _part("check σ̂", single.check_running_sd, 500, 500)
    yield _part("check naive", searches.check_naive, 1000, 1000)


def _searches():
    for name, world in NULLS.items():
        rules = world.rules if isinstance(world, Ceiling) else NULL_RULES
        yield _part(f"null {name}", searches.simulate, 8_000, 250, world=world, rules=rules)
    shifted = null(-0.25, gap=GAP)
    yield _part("null gap", searches.simulate, 8_000, 250, world=shifted, rules=NULL_RULES)
    for name, world in SEARCHES.items():
        yield _part(f"search {name}", searches.simulate, 4_000, 250, world=world, rules=RULES)


def _stress():
    for name, noise in STRESS.items():
        yield _part(f"nominated {name}", single.nominated, 20_000, 1000, noise=noise)
        world = null(0.0, noise=noise)
        yield _part(f"stress {name}", searches.simulate, 4_000, 250, world=world, rules=NULL_RULES)


def _intervals():
    for n in COVERED:
        yield _part(f"t {n}", single.covered, 40_000, 5000, n=n)
        yield _part(f"bootstrap {n}", single.covered_by_bootstrap, 10_000, 250, n=n)
    for case in POPULATIONS:
        arguments = dict(zip(POPULATION_KEYS, case, strict=True))
        yield _part(f"population {case}", single.population, 4_000, 100, **arguments)
    yield _part("balanced", single.balanced, 2_000, 100, items=400, n=5)


def _attempts():
    yield _part("size", single.confirmation, 40_000, 4000, margin=0.0)
    yield _part("hopeless", single.confirmation, 40_000, 4000, margin=-0.5)
    yield _part("completion", single.completion_order, 40_000, 4000)
    yield _part("other kinds", single.other_kinds, 10_000, 500)
    for sizes, ratio in product(SIZES, RATIOS):
        yield _part(f"welch {sizes} {ratio}", single.welch, 10_000, 2500, sizes=sizes, ratio=ratio)
