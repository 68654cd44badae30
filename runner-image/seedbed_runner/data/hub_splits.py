"""Which splits of a hub's dataset are train, validation and test, and which of their rows have a label.

The test split is sealed as it is. Where it is missing, or its public copy has no labels (as in GLUE), the
validation split is sealed instead, and validation is cut from train; the card says so. Where there is
neither, the train split is divided as `spec.dataset.split` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seedbed_runner.data.source import Ints, Part
from seedbed_runner.errors import BadInput

TRAIN = ("train", "training")
VALIDATION = ("validation", "valid", "val", "dev", "validation_matched")
TEST = ("test", "testing", "test_matched")


@dataclass(frozen=True)
class SplitChoice:
    """The splits that are used.

    Attributes:
        splits: of the `datasets` library, labelled rows only, by what they are used as.
        notes: sentences for the card.
    """

    splits: Mapping[Part, Any]
    notes: tuple[str, ...]

    def joined(self, columns: list[str]) -> tuple[Any, Mapping[Part, Ints] | None]:
        """All rows, one split after the other, and each one's row numbers; None: there is one split only."""
        import datasets

        parts: dict[Part, Ints] = {}
        start = 0
        for part, split in self.splits.items():
            parts[part] = np.arange(start, start + len(split))
            start += len(split)
        whole = datasets.concatenate_datasets(
            [split.select_columns(columns) for split in self.splits.values()]
        )
        return whole, parts if len(parts) > 1 else None


def choose_splits(splits: Mapping[str, Any], target: str, name: str) -> SplitChoice:
    """The splits for a dataset.

    Args:
        splits: of the `datasets` library, by name.
        target: the column that is predicted.
        name: for the sentences.

    Raises:
        BadInput: there is nothing to train on.
    """
    train = _first(splits, TRAIN) or (next(iter(splits)) if len(splits) == 1 else None)
    if train is None:
        raise BadInput(f"{name}: none of the splits {', '.join(splits)} is called train")
    notes: list[str] = []
    used: dict[Part, Any] = {"train": _labelled(splits[train], target, train, notes)}
    if len(used["train"]) == 0:
        raise BadInput(f"{name}: no row of the split {train} has a label in the column {target}")
    test, validation = _first(splits, TEST), _first(splits, VALIDATION)
    if test is None or len(_labelled(splits[test], target, test, [])) == 0:
        if validation is not None:
            why = "it has no test split" if test is None else "the public test split has no labels"
            notes.append(
                f"{why}: the official split {validation} is the sealed one here, and validation is cut "
                "from train"
            )
        test, validation = validation, None
    if test is not None:
        used["test"] = _labelled(splits[test], target, test, notes)
    if validation is not None:
        used["validation"] = _labelled(splits[validation], target, validation, notes)
    return SplitChoice(used, tuple(notes))


def _first(splits: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in splits), None)


def _labelled(split: Any, target: str, called: str, notes: list[str]) -> Any:
    """The rows that have a label; the hub's sets write −1 or nothing where there is none."""
    if target not in split.features:
        return split.select([])
    values = split.with_format("arrow")[target] if len(split) else []
    known = _is_known(
        np.asarray(values.to_pandas() if hasattr(values, "to_pandas") else list(values)), split, target
    )
    if known.all():
        return split
    notes.append(f"{int((~known).sum())} rows of the split {called} have no label and are left out")
    return split.select(np.flatnonzero(known))


def _is_known(values: Any, split: Any, target: str) -> Any:
    import datasets
    import pandas

    known = ~pandas.isna(values)
    if isinstance(split.features[target], datasets.ClassLabel):
        known &= values != -1
    return known
