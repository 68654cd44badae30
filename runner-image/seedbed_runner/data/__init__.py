"""The datasets: one small module each, with `load(dataset) -> Source`; `prepare` is their only caller.

A new dataset is a new file here, named as in a manifest's `spec.dataset.name`
(`contract.datasets.dataset_names` lists them without importing any).
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.datasets import dataset_names, unknown_dataset
from seedbed_runner.errors import BadInput

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """A dataset before the split.

    Attributes:
        title: for people.
        kind: what a row of `inputs` is.
        inputs: rows × channels × height × width for images, rows × features for tables.
        labels: rows, each in 0 … classes − 1.
        classes: how many there are.
        leakable: a trainer could have a copy of its own (the data come with a library).
        bayes_accuracy: the best possible accuracy on the distribution, where it is known.
    """

    title: str
    kind: Literal["image", "tabular"]
    inputs: Floats
    labels: Ints
    classes: int
    leakable: bool
    bayes_accuracy: float | None = None


def load(dataset: Mapping[str, Any]) -> Source:
    """The dataset that `dataset` (a manifest's `spec.dataset` with every default filled in) names.

    Raises:
        BadInput: there is none of that name.
    """
    name = str(dataset["name"])
    if name not in dataset_names():
        raise BadInput(unknown_dataset(name))
    source: Source = importlib.import_module(f"{__name__}.{name}").load(dataset)
    return source
