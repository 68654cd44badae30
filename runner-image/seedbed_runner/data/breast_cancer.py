"""Breast cancer Wisconsin (diagnostic, UCI): 569 tumours, thirty measurements, malignant or benign."""

from collections.abc import Mapping
from typing import Any

from sklearn.datasets import load_breast_cancer

from seedbed_runner.data import Source
from seedbed_runner.data._bundled import tabular


def load(dataset: Mapping[str, Any]) -> Source:
    """The whole table."""
    return tabular("Breast cancer, Wisconsin", load_breast_cancer())
