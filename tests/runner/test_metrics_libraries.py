"""Every metric against scikit-learn or scipy called directly, on random and on degenerate inputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import softmax
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from seedbed_runner import metrics
from seedbed_runner.contract.metrics import METRICS, commonest_mistakes

PAIRS = [  # labels, logits
    pytest.param("random", id="random"),
    pytest.param("two", id="two classes"),
    pytest.param("ties", id="ties"),
    pytest.param("empty", id="a class that no label has"),
    pytest.param("one", id="labels of one class"),
    pytest.param("constant", id="one class predicted"),
]


def drawn(case: str) -> tuple[Any, Any]:
    random, classes = np.random.default_rng(3), 2 if case in ("two", "ties") else 4
    labels = random.integers(classes, size=90)
    labels = np.where(labels == 3, 0, labels) if case == "empty" else labels
    labels = np.ones_like(labels) if case == "one" else labels
    logits = random.normal(size=(90, classes)) + 1.2 * np.eye(classes)[labels]
    if case == "ties":
        logits = np.round(logits)
    if case == "constant":
        logits = np.tile(logits[0], (90, 1))
    return labels, logits.astype(np.float32)


def averaged(function: Callable[..., float], average: str) -> Callable[..., float]:
    def call(labels: Any, predicted: Any) -> float:
        return function(labels, predicted, average=average, labels=np.unique(labels), zero_division=0)

    return call


BY_CLASS: dict[str, Callable[..., float]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": averaged(sk.recall_score, "macro"),
    "matthews": sk.matthews_corrcoef,
} | {
    f"{name}_{average}": averaged(function, average)
    for name, function in (
        ("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score),
    )
    for average in ("macro", "weighted")
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_metrics_of_predicted_classes(case: str) -> None:
    labels, logits = drawn(case)
    found = metrics.compute(labels, logits)
    for name, function in BY_CLASS.items():
        assert found[name] == pytest.approx(function(labels, logits.argmax(axis=1))), name


@pytest.mark.parametrize("case", ["two", "ties"])
def test_metrics_of_the_second_of_two_classes(case: str) -> None:
    labels, logits = drawn(case)
    found, predicted = metrics.compute(labels, logits), logits.argmax(axis=1)
    assert found["f1"] == pytest.approx(sk.f1_score(labels, predicted))
    assert found["precision"] == pytest.approx(sk.precision_score(labels, predicted))
    assert found["recall"] == pytest.approx(sk.recall_score(labels, predicted))
    probability = softmax(logits.astype(np.float64), axis=1)[:, 1]
    assert found["roc_auc"] == pytest.approx(sk.roc_auc_score(labels, probability))
    assert found["pr_auc"] == pytest.approx(sk.average_precision_score(labels, probability))


@pytest.mark.parametrize("case", ["random", "empty", "constant"])
def test_areas_of_several_classes_are_the_mean_over_those_that_occur(case: str) -> None:
    labels, logits = drawn(case)
    found, probabilities = metrics.compute(labels, logits), softmax(logits.astype(np.float64), axis=1)
    if case != "empty":
        due = sk.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
        assert found["roc_auc"] == pytest.approx(due)
    present = np.unique(labels)
    areas = [sk.average_precision_score(labels == one, probabilities[:, one]) for one in present]
    assert found["pr_auc"] == pytest.approx(np.mean(areas))
    areas = [sk.roc_auc_score(labels == one, probabilities[:, one]) for one in present]
    assert found["roc_auc"] == pytest.approx(np.mean(areas))


def test_areas_tell_sure_predictions_apart_whose_probabilities_round_to_one() -> None:
    logits = np.array([[0, 50], [0, 60], [0, 70], [0, 80]], dtype=np.float32)
    assert metrics.compute(np.array([0, 0, 1, 1]), logits)["roc_auc"] == 1.0


@pytest.mark.parametrize("case", PAIRS)
def test_log_loss(case: str) -> None:
    labels, logits = drawn(case)
    found, probabilities = metrics.compute(labels, logits), softmax(logits.astype(np.float64), axis=1)
    due = sk.log_loss(labels, probabilities, labels=np.arange(logits.shape[1]))
    assert found["log_loss"] == pytest.approx(due)


def test_calibration_is_that_of_scikit_learns_curve() -> None:
    labels, logits = drawn("two")
    confidence = softmax(logits.astype(np.float64), axis=1).max(axis=1)
    share, mean = calibration_curve(logits.argmax(axis=1) == labels, confidence, n_bins=15)
    counts = np.histogram(confidence, bins=15, range=(0, 1))[0]
    due = np.abs(share - mean) @ counts[counts > 0] / len(labels)
    assert metrics.compute(labels, logits)["ece"] == pytest.approx(due)


def test_labels_of_one_class_have_no_areas() -> None:
    found = metrics.compute(*drawn("one"))
    assert "roc_auc" not in found and "pr_auc" not in found
    assert metrics.refusals({"test": drawn("one")[0], "validation": drawn("two")[0]}, 2) == {
        "roc_auc": "roc_auc needs rows of two classes, and the test split has one class only",
        "pr_auc": "pr_auc needs rows of two classes, and the test split has one class only",
    }


def test_metrics_of_two_classes_are_refused_for_more() -> None:
    refused = metrics.refusals({"test": drawn("random")[0]}, 4)
    assert refused["f1"] == "f1 is of two classes, these data have 4: use f1_macro"
    assert set(refused) == {name for name, metric in METRICS.items() if metric.two_classes}


def values(case: str) -> tuple[Any, Any]:
    random = np.random.default_rng(5)
    true = random.normal(size=80).astype(np.float32) * 30 + 7
    given = true + random.normal(size=80).astype(np.float32) * 12
    if case == "ties":
        true, given = np.round(true / 20), np.round(given / 20)
    if case == "constant":
        given = np.full_like(true, 3)
    if case == "equal":
        true = np.full_like(true, 3)
    return true, given[:, np.newaxis]


@pytest.mark.parametrize("case", ["random", "ties"])
def test_metrics_of_a_regression(case: str) -> None:
    true, given = values(case)
    wide, flat = true.astype(np.float64), given.astype(np.float64).ravel()
    assert metrics.compute(true, given) == pytest.approx(
        {
            "rmse": sk.root_mean_squared_error(wide, flat),
            "mae": sk.mean_absolute_error(wide, flat),
            "r2": sk.r2_score(wide, flat),
            "pearson": stats.pearsonr(wide, flat).statistic,
            "spearman": stats.spearmanr(wide, flat).statistic,
        }
    )


def test_a_constant_prediction_has_no_correlation_and_equal_values_have_no_metric_of_it() -> None:
    found = metrics.compute(*values("constant"))
    assert found["pearson"] == found["spearman"] == 0.0
    true, given = values("constant")
    assert found["r2"] == pytest.approx(sk.r2_score(true.astype(np.float64), given.ravel()))
    assert set(metrics.compute(*values("equal"))) == {"rmse", "mae"}
    assert set(metrics.refusals({"test": values("equal")[0]}, 1)) == {"r2", "pearson", "spearman"}


def test_predicting_the_mean_is_chance_and_no_better_has_diverged() -> None:
    true, given = values("random")
    found = metrics.chance(true)
    assert found["rmse"] == pytest.approx(np.std(true, dtype=np.float64))
    assert found["r2"] == pytest.approx(0) and found["pearson"] == 0.0
    worse = metrics.compute(true, np.full((80, 1), true.mean() + 1))
    for name in ("rmse", "r2", "pearson", "spearman"):
        assert metrics.diverged(worse, name, found), name
        assert not metrics.diverged(metrics.compute(true, given), name, found), name


def test_one_class_for_all_rows_has_diverged_by_every_metric() -> None:
    labels, logits = drawn("two")
    by_chance = metrics.chance(labels)
    for wanted in (0, 1):
        same = metrics.compute(labels, np.tile(np.eye(2)[wanted] * 3, (90, 1)))
        for name, metric in METRICS.items():
            if metric.task == "classification" and metric.by_class:
                assert metrics.diverged(same, name, by_chance), name
    learnt = metrics.compute(labels, logits)
    assert not any(metrics.diverged(learnt, name, by_chance) for name in learnt)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["two", "random", "ties"])
def test_variances_of_areas_and_classes_are_those_of_a_bootstrap(case: str) -> None:
    labels, logits = drawn(case)
    found, random, sampled = metrics.item_variances(labels, logits, 1), np.random.default_rng(9), []
    for _ in range(300):
        rows = random.integers(90, size=90)
        sampled.append(metrics.compute(labels[rows], logits[rows]))
    for name in set(found) & set(sampled[0]):
        due = 90 * np.var([each[name] for each in sampled], ddof=1)
        assert found[name] == pytest.approx(due, rel=0.35), name
    assert set(found) == set(sampled[0]) - {"accuracy"}


@pytest.mark.slow
def test_variances_of_a_regression_are_those_of_a_bootstrap() -> None:
    true, given = values("random")
    found, random, sampled = metrics.item_variances(true, given, 1), np.random.default_rng(9), []
    for _ in range(300):
        rows = random.integers(80, size=80)
        sampled.append(metrics.compute(true[rows], given[rows]))
    for name in found:
        assert found[name] == pytest.approx(80 * np.var([each[name] for each in sampled]), rel=0.3), name
    assert set(found) == set(sampled[0])


def test_each_class_is_scikit_learns_and_the_worst_are_told_of() -> None:
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 5, 300), random.integers(0, 6, 300)
    found = metrics.by_class(labels, predicted, 7)  # nothing is taken for 6, and no label is 5 or 6
    report = sk.classification_report(labels, predicted, labels=range(7), output_dict=True, zero_division=0.0)
    for each in found:
        row = report[str(each.label)]
        due = (row["precision"], row["recall"], row["f1-score"], row["support"])
        assert (each.precision, each.recall, each.f1, each.rows) == due
    assert [each.label for each in found] == list(range(7)) and found[6].rows == found[6].f1 == 0

    many = np.repeat(np.arange(60), 2)
    worst = metrics.by_class(many, np.where(many < 55, (many + 1) % 60, many), 60)
    assert [each.label for each in worst] == list(range(50)) and worst[0].f1 == 0


def test_the_commonest_mistakes_come_first() -> None:
    assert commonest_mistakes([[5, 2, 0], [3, 9, 2], [0, 0, 4]]) == [(1, 0, 3), (0, 1, 2), (1, 2, 2)]
    assert len(commonest_mistakes(np.ones((9, 9), dtype=int).tolist())) == 10
