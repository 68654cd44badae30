"""Fisher's iris: 150 flowers, four measurements, three species."""

from collections.abc import Mapping
from typing import Any

from sklearn.datasets import load_iris

from seedbed_runner.data import Source
from seedbed_runner.data._bundled import tabular


def load(dataset: Mapping[str, Any]) -> Source:
    """The whole table."""
    return tabular("Iris flowers", load_iris())
