"""Texts with a known Bayes accuracy: words that tell of a class, among words that tell nothing.

Each row has `TELLING` words that tell: each is one of its own class with probability p, else one of any other
class, all alike. The rest is drawn from words that all classes share. So all that a row says is how many
words of each class it has; the best classifier takes the class with the most, and p is solved for its
accuracy.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import brentq

from seedbed_runner.data.source import Source
from seedbed_runner.data.texts import Texts, TokenSettings

WORDS = 24  # of a row
TELLING = 9  # of these
_WORDS_A_CLASS = 12
_SHARED_WORDS = 300
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def draw(asked: Mapping[str, Any], tokens: TokenSettings) -> Source:
    """The rows that `synthetic` of a manifest describes, with `kind: text`."""
    classes, samples = asked["classes"], asked["samples"]
    random = np.random.default_rng(asked["seed"])
    known = vocabulary(random, _SHARED_WORDS + classes * _WORDS_A_CLASS)
    labels = random.permutation(np.arange(samples, dtype=np.int64) % classes)
    right = random.random((samples, TELLING)) < solve_probability(asked["bayesAccuracy"], classes)
    others = (labels[:, np.newaxis] + random.integers(1, classes, (samples, TELLING))) % classes
    of_class = np.where(right, labels[:, np.newaxis], others)
    words = random.integers(0, _SHARED_WORDS, (samples, WORDS))
    words[:, :TELLING] = (
        _SHARED_WORDS + of_class * _WORDS_A_CLASS + random.integers(0, _WORDS_A_CLASS, of_class.shape)
    )
    words = random.permuted(words, axis=1)
    return Source(
        title=f"Drawn words, Bayes accuracy {asked['bayesAccuracy']:g}",
        kind="text",
        inputs=Texts(([" ".join(known[word] for word in row) for row in words],), tokens),
        labels=labels,
        classes=classes,
        leakable=False,
        bayes_accuracy=asked["bayesAccuracy"],
    )


def vocabulary(random: np.random.Generator, count: int) -> list[str]:
    """Distinct words of three syllables."""
    codes = random.choice(len(_SYLLABLES) ** 3, size=count, replace=False)
    return [
        "".join(_SYLLABLES[code // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(3))
        for code in codes
    ]


def bayes_accuracy(probability: float, classes: int) -> float:
    """Of taking the class with the most words, one of those at random where several have as many.

    With c own words of m (binomial), the other m − c fall on K − 1 classes alike. The number of ways in which
    none of these has more than c, and exactly t have c, is (m − c)! times the coefficient of x^(m − c) in
    C(K − 1, t) · (x^c / c!)^t · (Σ_{j<c} x^j / j!)^(K − 1 − t); then one of 1 + t guesses is right.
    """
    total = 0.0
    for own in range(TELLING + 1):
        rest = TELLING - own
        chance = math.comb(TELLING, own) * probability**own * (1 - probability) ** rest
        total += chance * _won(own, rest, classes - 1)
    return total


def _won(own: int, rest: int, others: int) -> float:
    """The share of right guesses when the own class has `own` words and `rest` fall on `others` classes."""
    below = np.array([1 / math.factorial(j) for j in range(own)] or [0.0])
    won = 0.0
    for ties in range(others + 1):
        left = rest - own * ties
        if left < 0:
            break
        ways = _coefficient(below, others - ties, left) / math.factorial(own) ** ties
        won += math.comb(others, ties) * ways / (1 + ties)
        if own == 0 and ties == others:
            break
    return won * math.factorial(rest) / float(others) ** rest


def _coefficient(polynomial: Any, power: int, degree: int) -> float:
    """Of x^degree in polynomial^power."""
    product = np.ones(1)
    for _ in range(power):
        product = np.convolve(product, polynomial)[: degree + 1]
    return float(product[degree]) if degree < len(product) else 0.0


def solve_probability(accuracy: float, classes: int) -> float:
    """The probability that a telling word is of the row's own class, for this Bayes accuracy."""
    return float(brentq(lambda p: bayes_accuracy(p, classes) - accuracy, 1 / classes, 1.0, xtol=1e-12))
