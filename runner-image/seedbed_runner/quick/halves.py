"""What the two halves of an evaluation tell each other; imports neither of their libraries."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.data import Inputs, Kind, Labels
from seedbed_runner.quick.result import SeedResult
from seedbed_runner.scaling import Scaling


@dataclass(frozen=True)
class Rows:
    """All that training sees.

    Attributes:
        kind: image, text or tabular.
        classes: how many numbers the model gives a row; 1 for a regression.
        vocabulary: token ids are below it; 0: the inputs are no tokens.
        inputs: train rows × input shape, as they are stored.
        labels: of the train rows: int64 classes, or float32 values in their own unit.
        validation: rows × input shape, to predict.
        scaling: what makes numbers of stored bytes.
        target: of a regression's values.
    """

    kind: Kind
    classes: int
    vocabulary: int
    inputs: Inputs
    labels: Labels
    validation: Inputs
    scaling: Scaling | None
    target: Scaling | None


class Judging(Protocol):
    """What training knows of a `Judge`, wherever it is."""

    def rows(self) -> Rows:
        """What to train on, and what to predict.

        Raises:
            BadInput: the data can't be had, or have no value of the metric.
        """
        ...

    def score(self, seed: int, predicted: NDArray[np.float32], seconds: float) -> SeedResult:
        """One seed's metrics.

        Args:
            seed: which.
            predicted: of the validation rows: logits (rows × classes), or values in their unit (rows × 1).
            seconds: that it took.
        """
        ...

    def conclude(self, results: list[SeedResult]) -> dict[str, Any]:
        """The fields of `QuickEvalResult` that follow from the scores of all seeds; one at least has some."""
        ...
