"""Response surfaces: what a configuration of the search planner's space would score, with a known optimum.

Each is drawn anew, with its optimum anywhere in the space, so that what the planner begins with is no better
than any other place. The shape is assumed, and is what training of small networks commonly shows: a best
size, beyond which more regularisation is needed; a best learning rate that grows with the batch and is lower
without normalisation; too few passes cost more at a low rate; choices matter alone and in pairs; rates far
too high diverge, and the largest models with the largest batches run out of memory.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from seedbed.planning.dimensions import Settings
from seedbed.planning.space import FAMILIES_OF, space, usual_epochs
from seedbed_runner.contract.records import Card

CEILING = 0.97  # the mean score at the optimum
SD = 0.008  # over seeds
CHANCE = 0.1
CHOICES = ("family", "norm", "activation", "optimizer", "schedule", "early_stopping")
PAIRS = (("optimizer", "schedule"), ("family", "activation"), ("norm", "activation"))
WORST = {"family": 0.04, "norm": 0.02, "activation": 0.01, "optimizer": 0.015, "schedule": 0.01,
         "early_stopping": 0.005}  # fmt: skip
OF_SOME = {"augment": 0.01}  # likewise, of choices that images alone have
PAIRED = 0.008  # what the worst pair of choices costs beside the choices themselves
DIVERGES = 0.8  # decades above the best rate
FULL = 9.5  # doublings of width and batch beyond the smallest, and depth, together


@dataclass(frozen=True)
class Surface:
    """One world for data of a card.

    Attributes:
        best: the optimum: of numbers where it lies, and the best value of each choice.
        costs: what each value of a choice costs, and each pair of values.
        weights: how steep it is, by penalty.
        usual: epochs that are usual for the data.
    """

    best: Mapping[str, Any]
    costs: Mapping[tuple[object, ...], float]
    weights: Mapping[str, float]
    usual: int

    def mean(self, settings: Settings) -> float:
        """The mean score over seeds."""
        parts = (self._size, self._regularised, self._rate, self._passes, self._choices)
        return max(CHANCE, CEILING - math.fsum(part(settings) for part in parts))

    def scores(self, settings: Settings, count: int, noise: Random) -> list[float]:
        """Of so many seeds; chance where training goes wrong."""
        centre = CHANCE if self.is_lost(settings) else self.mean(settings)
        return [min(1.0, noise.gauss(centre, SD)) for _ in range(count)]

    def is_lost(self, settings: Settings) -> bool:
        """Whether no run of it ends well."""
        return self.fails(settings) or self.diverges(settings)

    def fails(self, settings: Settings) -> bool:
        """Whether it runs out of memory."""
        return settings["size"] + settings["depth"] + math.log2(settings["batch_size"] / 16) > FULL

    def diverges(self, settings: Settings) -> bool:
        """Whether training ends at chance."""
        calm = 0.3 if settings["norm"] else 0.0
        return self._too_fast(settings) > DIVERGES + calm

    def _size(self, settings: Settings) -> float:
        if settings["family"] == "linear":
            return 0.0
        missing = self.best["capacity"] - _capacity(settings)
        return self.weights["capacity"] * max(0.0, missing) ** 2

    def _regularised(self, settings: Settings) -> float:
        """Larger models than the best want more of it: half a unit for each doubling."""
        excess = max(0.0, _capacity(settings) - self.best["capacity"]) * (settings["family"] != "linear")
        wanted = min(1.0, self.best["regularisation"] + 0.25 * excess)
        return self.weights["regularisation"] * (_regularisation(settings) - wanted) ** 2

    def _too_fast(self, settings: Settings) -> float:
        """Decades by which the learning rate is above its best."""
        best = self.best["rate"] + 0.15 * math.log2(settings["batch_size"] / 64)
        best -= 0.0 if settings["norm"] else 0.3
        return math.log10(settings["lr"]) - best

    def _rate(self, settings: Settings) -> float:
        return self.weights["rate"] * self._too_fast(settings) ** 2

    def _passes(self, settings: Settings) -> float:
        done = math.log2(settings["epochs"] / self.usual) + max(-1.0, self._too_fast(settings))
        return self.weights["passes"] * max(0.0, self.best["passes"] - done) ** 2

    def _choices(self, settings: Settings) -> float:
        names = (*CHOICES, *(name for name in OF_SOME if name in settings))
        alone = math.fsum(self.costs[name, settings[name]] for name in names)
        return alone + math.fsum(self.costs[a, settings[a], b, settings[b]] for a, b in PAIRS)


def _capacity(settings: Settings) -> float:
    """Size and depth together, in doublings."""
    return float(settings["size"]) + math.log2(settings["depth"])


def _regularisation(settings: Settings) -> float:
    """Dropout, weight decay and label smoothing together, in [0, 1]."""
    decay = (math.log10(settings["weight_decay"]) + 5) / 4
    return (settings["dropout"] / 0.5 + decay + settings["label_smoothing"] / 0.2) / 3


def drawn(card: Card, random: Random) -> Surface:
    """A surface for this data."""
    dimensions = space(card, FAMILIES_OF[card.kind], "accuracy")
    best = {
        "capacity": random.uniform(0.5, 5.5), "regularisation": random.uniform(0.1, 0.7),
        "rate": random.uniform(-3.3, -1.7), "passes": random.uniform(-1.0, 1.0),
    }  # fmt: skip
    weights = {
        "capacity": random.uniform(0.002, 0.008), "regularisation": random.uniform(0.05, 0.2),
        "rate": random.uniform(0.02, 0.08), "passes": random.uniform(0.005, 0.02),
    }  # fmt: skip
    values = {name: dimensions[name].values for name in CHOICES}
    right = {name: random.choice(values[name]) for name in CHOICES}
    costs: dict[tuple[object, ...], float] = {}
    for name in CHOICES:
        for value in values[name]:
            costs[name, value] = random.uniform(0, WORST[name]) * (value != right[name])
    for a, b in PAIRS:
        for one, other in itertools.product(values[a], values[b]):
            costs[a, one, b, other] = random.uniform(0, PAIRED) * ((one, other) != (right[a], right[b]))
    for name in OF_SOME.keys() & dimensions:  # drawn last: data without them have the surfaces that they had
        values = dimensions[name].values
        right[name] = random.choice(values)
        for value in values:
            costs[name, value] = random.uniform(0, OF_SOME[name]) * (value != right[name])
    return Surface({**best, **right}, costs, weights, usual_epochs(card))
