"""Gaussian classes with a known Bayes accuracy, as a table or as images of one channel; `text`: other words.

Class k lies around μ·e_k, where e_1 … e_K are the first columns of a random orthonormal basis, with unit
noise in every direction and equally many rows a class. The nearest mean is then the best classifier there
is, and μ is solved for the accuracy that was asked for.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import log_ndtr

from seedbed_runner.data import Floats, Source
from seedbed_runner.errors import BadInput

MAX_BYTES = 4 * 2**30


def load(dataset: Mapping[str, Any]) -> Source:
    """Draw the rows that `dataset["synthetic"]` describes.

    Raises:
        BadInput: they would take more than 4 GiB.
    """
    asked = dataset["synthetic"]
    if asked["kind"] == "text":
        return _texts(dataset)
    classes, samples = asked["classes"], asked["samples"]
    shape = (1, asked["size"], asked["size"]) if asked["kind"] == "image" else (asked["features"],)
    width = int(np.prod(shape))
    if samples * width * 4 > MAX_BYTES:
        raise BadInput(
            f"{samples} synthetic samples of {width} values take {samples * width * 4 / 2**30:.1f} GiB, "
            f"at most {MAX_BYTES // 2**30} are made: ask for fewer samples or a smaller width"
        )
    random = np.random.default_rng(asked["seed"])
    means = solve_distance(asked["bayesAccuracy"], classes) * _orthonormal(random, width, classes)
    labels = random.permutation(np.arange(samples, dtype=np.int64) % classes)
    inputs = random.standard_normal((samples, width), dtype=np.float32)
    inputs += means[labels].astype(np.float32)
    return Source(
        title=f"Gaussian classes, Bayes accuracy {asked['bayesAccuracy']:g}",
        kind=asked["kind"],
        inputs=inputs.reshape(samples, *shape),
        labels=labels,
        classes=classes,
        leakable=False,
        bayes_accuracy=asked["bayesAccuracy"],
    )


def _texts(dataset: Mapping[str, Any]) -> Source:
    from seedbed_runner.data import synthetic_text  # needs `tokenizers`, which nothing else here does
    from seedbed_runner.data.texts import TokenSettings
    from seedbed_runner.sources.settings import SourceSettings

    data = SourceSettings.from_environment().data
    return synthetic_text.draw(
        dataset["synthetic"], TokenSettings.of(dataset, data, length=synthetic_text.WORDS, vocabulary=2000)
    )


def bayes_error(distance: float, classes: int) -> float:
    """1 − E[Φ(Z + μ)^(K−1)], Z standard normal: the error of the nearest mean at distance μ from the origin.

    A row of class k has the coordinate μ + Z along e_k and independent standard normals along the other
    K − 1 means; it is classified right when its own is the largest. Written as an error, not an accuracy, so
    that values near 0 keep their digits. For K = 2 the accuracy is Φ(μ/√2).
    """

    def integrand(z: float) -> float:
        wrong = -np.expm1((classes - 1) * log_ndtr(z + distance))
        return float(wrong * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))

    return float(quad(integrand, -12.0, 12.0, epsabs=0.0, epsrel=1e-10, limit=200)[0])


def solve_distance(accuracy: float, classes: int) -> float:
    """The distance μ of each class mean from the origin that gives this Bayes accuracy."""
    return float(brentq(lambda distance: bayes_error(distance, classes) - (1 - accuracy), 0.0, 40.0))


def _orthonormal(random: np.random.Generator, width: int, count: int) -> Floats:
    """`count` orthonormal rows of length `width`, rounded to float32 so that every LAPACK gives the same."""
    basis, _ = np.linalg.qr(random.standard_normal((width, count)))
    return np.ascontiguousarray(basis.T, dtype=np.float32)
