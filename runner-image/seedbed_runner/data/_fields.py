"""Fields of `spec.dataset` that mean nothing to a loader: said, not passed over."""

from collections.abc import Mapping
from typing import Any

from seedbed_runner.errors import BadInput


def require_unset(dataset: Mapping[str, Any], *fields: str) -> None:
    """Refuse fields that this dataset does not take.

    Raises:
        BadInput: one is set.
    """
    for field in fields:
        if dataset.get(field) is not None:
            raise BadInput(f"the dataset {dataset['name']} takes no `{field}`: leave it out of spec.dataset")
