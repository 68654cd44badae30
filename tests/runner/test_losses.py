import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn.functional import cross_entropy

from seedbed_runner.losses import balanced_weights, loss_of, slice_score

PLAIN = {"labelSmoothing": 0.1}


def test_without_weights_it_is_cross_entropy_to_the_bit() -> None:
    logits, labels = torch.randn(9, 3), torch.arange(9) % 3
    assert loss_of(PLAIN, labels)(logits, labels) == cross_entropy(logits, labels, label_smoothing=0.1)


def test_balanced_weights_are_scikit_learns_and_weigh_as_torchs() -> None:
    labels = torch.tensor([0] * 6 + [1] * 3 + [2])
    due = compute_class_weight("balanced", classes=np.arange(3), y=labels.numpy())
    assert balanced_weights(labels).numpy() == pytest.approx(due)
    logits = torch.randn(10, 3)
    loss = loss_of({"labelSmoothing": 0.0, "classWeights": "Balanced"}, labels)(logits, labels)
    assert loss.item() == pytest.approx(
        cross_entropy(logits, labels, weight=torch.tensor(due).float()).item()
    )


def test_values_are_judged_by_squared_error_and_r2() -> None:
    values, predicted = torch.tensor([0.0, 2.0, 4.0]), torch.tensor([[0.0], [2.0], [1.0]])
    assert loss_of(PLAIN, values)(predicted, values).item() == pytest.approx(3.0)
    score, loss = slice_score(predicted, values)
    assert loss == pytest.approx(3.0) and score == pytest.approx(1 - 9 / 8)


def test_classes_are_judged_by_accuracy() -> None:
    assert slice_score(torch.eye(3), torch.tensor([0, 1, 0]))[0] == pytest.approx(2 / 3)
