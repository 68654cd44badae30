"""What a dataset gives without any search: the majority class and a linear model, scored on validation."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from seedbed_runner import metrics
from seedbed_runner.data import Floats, Ints
from seedbed_runner.metrics import Reals

MAX_VALUES = (
    20_000_000  # rows × features that the linear model is fitted on, so that it takes minutes at most
)


def baselines(inputs: dict[str, Floats], labels: dict[str, Ints]) -> dict[str, dict[str, float]]:
    """Validation metrics of `majority` (train's class frequencies) and `linear` (logistic regression).

    The linear model sees standardised, flattened inputs; of a very large train split, a random part.
    """
    truth = labels["validation"]
    classes = max(int(part.max()) for part in labels.values()) + 1
    flat = {name: inputs[name].reshape(len(inputs[name]), -1) for name in ("train", "validation")}
    rows = np.random.default_rng(0).permutation(len(flat["train"]))
    rows = np.sort(rows[: max(1, MAX_VALUES // flat["train"].shape[1])])
    majority = metrics.constant(labels["train"], len(truth), classes)
    linear = _linear(flat["train"][rows], labels["train"][rows], flat["validation"], classes)
    return {"majority": metrics.compute(truth, majority), "linear": metrics.compute(truth, linear)}


def _linear(train: Floats, labels: Ints, validation: Floats, classes: int) -> Reals:
    """The linear model's logits (rows × classes) on the validation split."""
    if len(np.unique(labels)) == 1:  # nothing to separate: the majority is the linear model
        return metrics.constant(labels, len(validation), classes)
    scaler = StandardScaler().fit(train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a baseline need not be the optimum
        model = LogisticRegression(max_iter=300).fit(scaler.transform(train), labels)
    logits = np.full((len(validation), classes), -np.inf)  # a class that train lacks is impossible
    logits[:, model.classes_] = model.predict_log_proba(scaler.transform(validation))
    return logits
