"""What a dataset gives without any search: a constant and a linear model, scored on validation."""

import warnings
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from seedbed_runner import metrics
from seedbed_runner.data import Inputs, Labels
from seedbed_runner.metrics import Reals
from seedbed_runner.split import Division

# Rows × width that the linear model is fitted on, so that it takes minutes at most; fewer beyond 100 classes.
MAX_VALUES = 20_000_000
_FEW_CLASSES = 100
_PADDING = 0


def baselines(divided: Division) -> dict[str, dict[str, float]]:
    """Validation metrics of a constant (`majority`: train's class frequencies; or `mean`) and of `linear`.

    The linear model is a logistic or a ridge regression on flattened inputs of unit deviation, for tokens on
    how often each occurs in a row (tf-idf); of a very large train split it sees a random part.
    """
    train, labels = divided.inputs["train"], divided.labels["train"]
    truth, scored = divided.labels["validation"], divided.inputs["validation"]
    classes = max(int(part.max()) for part in divided.labels.values()) + 1 if divided.target is None else 1
    cost = int(np.prod(train.shape[1:])) * max(1.0, classes / _FEW_CLASSES)
    rows = np.random.default_rng(0).permutation(len(train))
    rows = np.sort(rows[: max(1, int(MAX_VALUES / cost))])
    shown = (_features(train[rows], divided.vocabulary), labels[rows], _features(scored, divided.vocabulary))
    if divided.target is not None:
        mean = np.full((len(truth), 1), labels.mean(dtype=np.float64))
        return {"mean": metrics.compute(truth, mean), "linear": metrics.compute(truth, _ridge(*shown))}
    majority = metrics.constant(labels, len(truth), classes)
    return {
        "majority": metrics.compute(truth, majority),
        "linear": metrics.compute(truth, _logistic(*shown, classes)),
    }


def _features(inputs: Inputs, vocabulary: int) -> Any:
    """Rows × features: values flattened, as float32; for tokens a sparse matrix of counts."""
    if not vocabulary:
        return inputs.reshape(len(inputs), -1).astype(np.float32, copy=False)
    row, place = np.nonzero(inputs != _PADDING)
    ones = np.ones(len(row), dtype=np.float32)
    return csr_array((ones, (row, inputs[row, place])), shape=(len(inputs), vocabulary))


def _scaler(train: Any) -> Any:
    return (StandardScaler() if isinstance(train, np.ndarray) else TfidfTransformer()).fit(train)


def _logistic(train: Any, labels: Labels, validation: Any, classes: int) -> Reals:
    """The linear model's logits (rows × classes) on the validation split."""
    if len(np.unique(labels)) == 1:  # nothing to separate: the majority is the linear model
        return metrics.constant(labels, validation.shape[0], classes)
    scaler = _scaler(train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a baseline need not be the optimum
        model = LogisticRegression(max_iter=300).fit(scaler.transform(train), labels)
    logits = np.full((validation.shape[0], classes), -np.inf)  # a class that train lacks is impossible
    logits[:, model.classes_] = model.predict_log_proba(scaler.transform(validation))
    return logits


def _ridge(train: Any, values: Labels, validation: Any) -> Reals:
    """The linear model's predictions (rows × 1) on the validation split."""
    scaler = _scaler(train)
    model = Ridge().fit(scaler.transform(train), values.astype(np.float64))
    predicted: Reals = model.predict(scaler.transform(validation)).reshape(-1, 1)
    return predicted
