"""Wine recognition (UCI): 178 wines, thirteen chemical measurements, three cultivars."""

from collections.abc import Mapping
from typing import Any

from sklearn.datasets import load_wine

from seedbed_runner.data import Source
from seedbed_runner.data._bundled import tabular


def load(dataset: Mapping[str, Any]) -> Source:
    """The whole table."""
    return tabular("Wine cultivars", load_wine())
