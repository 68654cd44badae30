"""The datasets: modules with `load(dataset) -> Source`; `prepare` and the evaluator are their only callers.

Which module loads which name stands in `contract.datasets`. What a loader can't load is a `BadInput` that
says where it was looked for and what to do; nothing is ever replaced by something else.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from seedbed_runner.contract.datasets import loader_of, unknown_dataset
from seedbed_runner.data.source import (
    Encoder,
    Floats,
    Inputs,
    Ints,
    Kind,
    Labels,
    Provenance,
    Raw,
    Source,
    TaskName,
)
from seedbed_runner.errors import BadInput

__all__ = [
    "Encoder", "Floats", "Inputs", "Ints", "Kind", "Labels", "Provenance", "Raw", "Source", "TaskName",
    "load",
]  # fmt: skip


def load(dataset: Mapping[str, Any]) -> Source:
    """The dataset that `dataset` (a manifest's `spec.dataset` with every default filled in) names.

    Raises:
        BadInput: there is none of that name, or it can't be had.
    """
    name = str(dataset["name"])
    loader = loader_of(name)
    if loader is None:
        raise BadInput(unknown_dataset(name))
    source: Source = importlib.import_module(f"{__name__}.{loader.module}").load(dataset)
    return source
