import numpy as np
import pytest

from seedbed_runner import metrics
from seedbed_runner.contract.metrics import METRICS

LABELS = np.array([0, 0, 0, 0, 1, 1])
PREDICTED = np.array([0, 0, 0, 1, 1, 2])


def test_values_computed_by_hand() -> None:
    values = metrics.compute(LABELS, PREDICTED)
    assert values["accuracy"] == pytest.approx(4 / 6)
    assert values["balanced_accuracy"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    # class 0: precision 1, recall 3/4; class 1: precision 1/2, recall 1/2; class 2 is no true class
    assert values["f1_macro"] == pytest.approx((6 / 7 + 1 / 2) / 2)
    assert set(values) == set(METRICS)


def test_chance_is_the_most_frequent_class() -> None:
    assert metrics.chance(LABELS) == pytest.approx(
        {"accuracy": 4 / 6, "balanced_accuracy": 0.5, "f1_macro": 0.8 / 2}
    )


def test_confusion_has_true_classes_in_rows_and_every_class() -> None:
    assert metrics.confusion(LABELS, PREDICTED, 4) == [[3, 1, 0, 0], [0, 1, 1, 0], [0] * 4, [0] * 4]
