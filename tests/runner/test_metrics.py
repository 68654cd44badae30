import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss

from seedbed_runner import metrics
from seedbed_runner.contract.metrics import METRICS, commonest_mistakes
from seedbed_runner.contract.records import RunResult
from seedbed_runner.score import grade

LABELS = np.array([0, 0, 0, 0, 1, 1])
PREDICTED = np.array([0, 0, 0, 1, 1, 2])
LOGITS = np.log(np.where(np.eye(3)[PREDICTED] == 1, 0.8, 0.1))


def test_values_computed_by_hand() -> None:
    values = metrics.compute(LABELS, LOGITS)
    assert values["accuracy"] == pytest.approx(4 / 6)
    assert values["balanced_accuracy"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    # class 0: precision 1, recall 3/4; class 1: precision 1/2, recall 1/2; class 2 is no true class
    assert values["f1_macro"] == pytest.approx((6 / 7 + 1 / 2) / 2)
    assert values["log_loss"] == pytest.approx(-(4 * math.log(0.8) + 2 * math.log(0.1)) / 6)
    assert set(values) == {
        name for name, metric in METRICS.items() if metric.task == "classification" and not metric.two_classes
    }


def test_log_loss_is_scikit_learns_and_finite_for_a_class_that_was_ruled_out() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) * 5
    labels = np.arange(50) % 4
    wide = logits.astype(np.float64)
    probabilities = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
    assert metrics.compute(labels, logits)["log_loss"] == pytest.approx(log_loss(labels, probabilities))
    ruled_out = np.array([[0.0, 3e38]], dtype=np.float32)
    assert metrics.compute(np.array([0]), ruled_out)["log_loss"] == pytest.approx(METRICS["log_loss"].worst)


def test_chance_knows_the_frequencies_and_nothing_else() -> None:
    entropy = -(4 / 6 * math.log(4 / 6) + 2 / 6 * math.log(2 / 6))
    found = metrics.chance(LABELS)
    known = {
        "accuracy": 4 / 6, "balanced_accuracy": 0.5, "f1_macro": 0.8 / 2, "log_loss": entropy, "roc_auc": 0.5,
        "pr_auc": 1 / 3, "matthews": 0.0, "ece": 0.0,
    }  # fmt: skip
    assert {name: found[name] for name in known} == pytest.approx(known)


def test_a_run_diverges_on_the_side_that_is_worse() -> None:
    assert METRICS["accuracy"].diverged(0.52, 0.5) and not METRICS["accuracy"].diverged(0.53, 0.5)
    assert METRICS["log_loss"].diverged(0.68, 0.69) and not METRICS["log_loss"].diverged(0.66, 0.69)


def test_item_variances_are_those_of_a_bootstrap_of_the_items() -> None:
    drawn = np.random.default_rng(1)
    labels = drawn.integers(3, size=80)
    logits = 1.5 * np.eye(3)[labels] + drawn.normal(size=(80, 3))
    found = metrics.item_variances(labels, logits, seed=7)
    predicted, sampled = logits.argmax(axis=1), []
    for _ in range(600):
        rows = drawn.integers(80, size=80)
        sampled.append((
            balanced_accuracy_score(labels[rows], predicted[rows]),
            f1_score(labels[rows], predicted[rows], average="macro", labels=np.unique(labels[rows])),
        ))  # fmt: skip
    recall, f1 = 80 * np.var(sampled, axis=0)
    assert found["balanced_accuracy"] == pytest.approx(recall, rel=0.2)
    assert found["f1_macro"] == pytest.approx(f1, rel=0.2)
    assert found["log_loss"] == pytest.approx(np.var(metrics.item_losses(labels, logits)))
    assert metrics.item_variances(labels, logits, seed=7) == found


def test_confusion_has_true_classes_in_rows_and_every_class() -> None:
    assert metrics.confusion(LABELS, PREDICTED, 4) == [[3, 1, 0, 0], [0, 1, 1, 0], [0] * 4, [0] * 4]


def test_the_commonest_mistakes_of_many_classes_are_those_of_the_whole_table() -> None:
    random = np.random.default_rng(3)
    labels, predicted = random.integers(300, size=(2, 2000))
    predicted[::3] = (labels[::3] + 1) % 300
    found = metrics.mistakes(labels, predicted, 300)
    assert len(found) == metrics.MOST_MISTAKES
    table = commonest_mistakes(metrics.confusion(labels, predicted, 300))
    assert [(each.label, each.predicted, each.rows) for each in found[:10]] == table
    assert metrics.mistakes(labels, labels, 300) == []


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "told"), [(256, "confusion"), (257, "mistakes")])
def test_of_more_classes_than_a_record_can_hold_it_names_the_commonest_mistakes(
    classes: int, told: str
) -> None:
    labels = np.arange(2 * classes) % classes
    logits = np.random.default_rng(4).standard_normal((len(labels), classes)).astype(np.float32)
    found = grade(labels, logits, classes, "accuracy", "validation")
    assert {"confusion", "mistakes"} & set(found) == {told}
    assert len(json.dumps(found[told], default=asdict, indent=1)) < RunResult.MAX_BYTES / 8
