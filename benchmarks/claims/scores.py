"""How the scores of simulated candidates come about: distributions, and the worlds that searches run in.

A world draws, for many searches at once, what each of 100 candidates would score: two validation seeds and
twelve fresh test seeds. Its target is 0 unless scores are real accuracies; σ = .01, the prior, unless it says
otherwise; the metric's step is that of 2,000 test items.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedbed.engine.rehearsal import Rules

Floats = NDArray[np.float64]
CANDIDATES, EXPLORE, CONFIRM, SD, STEP = 100, 2, 12, 0.01, 1 / 2000
RULES = Rules(0.0, math.inf, STEP, STEP)
NULL_RULES = Rules(0.0, math.inf, STEP, STEP, confirmations=10)
ITEMS = 360


class Drawn(NamedTuple):
    """Scores (searches × candidates × seeds), and which validation seeds diverged."""

    validation: Floats
    test: Floats
    diverged: NDArray[np.bool_]


def normal(rng, size):
    return rng.standard_normal(size)


def skewed(rng, size, skewness):
    """Standardised scores with a tail to the left: a gamma distribution, mirrored."""
    shape = 4 / skewness**2
    return (shape - rng.standard_gamma(shape, size)) / math.sqrt(shape)


def two_modes(rng, size, share):
    """A share of the seeds ends in a bad basin; both modes ± .2, standardised as a whole."""
    low = rng.random(size) < share
    height = math.sqrt((1 - 0.2**2) * share / (1 - share))
    return np.where(low, -height * (1 - share) / share, height) + 0.2 * rng.standard_normal(size)


@dataclass(frozen=True)
class World:
    """Where candidates come from.

    Attributes:
        margins: (rng, searches) -> true test mean − target of every candidate, in σ (searches × candidates).
        noise: standardised scores.
        sd: (rng, shape) -> σ of every candidate; None: .01.
        diverging: the chance that a seed diverges, to a score .8 below the target.
        gap: sd of validation − test, shared by all candidates of a search, in σ.
    """

    margins: Callable
    noise: Callable = normal
    sd: Callable | None = None
    diverging: float = 0.0
    gap: float = 0.0

    def draw(self, rng: np.random.Generator, searches: int) -> Drawn:
        """The scores of many searches."""
        size = (searches, CANDIDATES, EXPLORE + CONFIRM)
        sd = np.full(size[:2], SD) if self.sd is None else self.sd(rng, size[:2])
        margins = self.margins(rng, searches)
        scores = sd[..., None] * (margins[..., None] + self.noise(rng, size))
        lost = rng.random(size) < self.diverging
        scores[lost] = -0.8
        scores[..., :EXPLORE] += SD * self.gap * rng.standard_normal((searches, 1, 1))
        return Drawn(scores[..., :EXPLORE], scores[..., EXPLORE:], lost[..., :EXPLORE])


@dataclass(frozen=True)
class Ceiling:
    """Accuracies near 1: a binomial number of errors, `errors` a run in the mean, and τ exactly there."""

    errors: float

    @property
    def rules(self) -> Rules:
        """The goal at that ceiling; one nearer than a test item to 1 would be refused, and is run here."""
        return Rules(1 - self.errors / ITEMS, 1.0, 1 / ITEMS, 1 / ITEMS, confirmations=10)

    def draw(self, rng: np.random.Generator, searches: int) -> Drawn:
        """The scores of many searches."""
        size = (searches, CANDIDATES, EXPLORE + CONFIRM)
        scores = 1 - rng.binomial(ITEMS, self.errors / ITEMS, size) / ITEMS
        return Drawn(scores[..., :EXPLORE], scores[..., EXPLORE:], np.zeros(size, bool)[..., :EXPLORE])


def everywhere(rng, searches, margin):
    """All candidates at one margin."""
    return np.full((searches, CANDIDATES), margin)


def one_in_ten(rng, searches, good, other=-1.0):
    """Ten of the hundred candidates at `good`, in random places, the others at `other`."""
    row = np.where(np.arange(CANDIDATES) < CANDIDATES // 10, good, other)
    return rng.permuted(np.tile(row, (searches, 1)), axis=1)


def climbing(rng, searches, scatter):
    """Candidates that get better one after the other, from −6 to +4, on a line or scattered about it."""
    line = np.tile(np.linspace(-6, 4, CANDIDATES), (searches, 1))
    return line + scatter * rng.standard_normal(line.shape)


def mixed_sd(rng, shape):
    """σ between .003 and .03, another for each candidate."""
    return rng.uniform(0.003, 0.03, shape)


def small_sd(rng, shape):
    """σ = .004, as of digits, of which the goal knows nothing."""
    return np.full(shape, 0.004)


@dataclass(frozen=True)
class MixedWorld(World):
    """Candidates of mixed σ, all .001 below the target whatever their σ."""

    def draw(self, rng: np.random.Generator, searches: int) -> Drawn:
        """The scores of many searches."""
        drawn = super().draw(rng, searches)
        return Drawn(drawn.validation - 0.001, drawn.test - 0.001, drawn.diverged)


def null(margin=0.0, **world):
    """A world in which no candidate reaches the target."""
    return World(partial(everywhere, margin=margin), **world)


def a_tenth(good, other=-1.0, **world):
    """A world in which a tenth of the candidates is good."""
    return World(partial(one_in_ten, good=good, other=other), **world)


NULLS = {
    "normal, −.25 σ": null(-0.25),
    "normal, at the target": null(0.0),
    "σ .003 to .03, mean .001 below": MixedWorld(partial(everywhere, margin=0.0), sd=mixed_sd),
    "5 % diverge, others −.25 σ": null(-0.25, diverging=0.05),
    "skewness −.5, −.25 σ": null(-0.25, noise=partial(skewed, skewness=-0.5)),
    "ceiling, 0.3 errors a run": Ceiling(0.3),
    "ceiling, 1 error a run": Ceiling(1.0),
    "ceiling, 3 errors a run": Ceiling(3.0),
}
STRESS = {
    "normal": normal,
    "skewness −.5": partial(skewed, skewness=-0.5),
    "skewness −1": partial(skewed, skewness=-1.0),
    "two modes, 1 seed in 10 in the lower": partial(two_modes, share=0.1),
    "two modes, 1 seed in 5 in the lower": partial(two_modes, share=0.2),
    "two modes, 1 seed in 2 in the lower": partial(two_modes, share=0.5),
}
GAP = 2.0
SEARCHES = {
    "+1 σ": a_tenth(1.0),
    "+2 σ": a_tenth(2.0),
    "+4 σ": a_tenth(4.0),
    "+2 σ, the others −.25 σ": a_tenth(2.0, -0.25),
    "+2 σ, validation off by N(0, (2 σ)²)": a_tenth(2.0, gap=GAP),
    "+2 σ, σ = .004 under a prior of .01": a_tenth(2.0, sd=small_sd),
    "climbing, −6 σ to +4 σ": World(partial(climbing, scatter=0.0)),
    "climbing, each ± .7 σ": World(partial(climbing, scatter=0.7)),
}
