import numpy as np
import pytest

from seedbed_runner.baselines import baselines
from seedbed_runner.split import Division


def test_a_separable_table_is_solved_by_the_linear_model_alone() -> None:
    random = np.random.default_rng(0)
    labels = {"train": np.arange(300) % 3, "validation": np.array([0, 1, 2, 2, 2])}
    centres = np.array([[0, 0], [9, 0], [0, 9]], dtype=np.float32)
    inputs = {
        name: centres[of] + random.random((len(of), 2), dtype=np.float32) for name, of in labels.items()
    }
    found = baselines(Division(inputs, labels))
    assert found["linear"]["accuracy"] == 1.0
    assert found["majority"]["accuracy"] == pytest.approx(1 / 5)  # equal in train: the first class


def test_a_train_split_of_one_class() -> None:
    labels = {"train": np.ones(4, dtype=np.int64), "validation": np.array([0, 1])}
    inputs = {name: np.zeros((len(of), 2), dtype=np.float32) for name, of in labels.items()}
    assert baselines(Division(inputs, labels))["linear"]["accuracy"] == 0.5
