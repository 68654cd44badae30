import numpy as np
import pytest

from seedbed.api.dataset import Dataset
from seedbed_runner.contract.datasets import dataset_forms, dataset_names
from seedbed_runner.data import load
from seedbed_runner.errors import BadInput

SHAPES = {  # rows, input shape, classes: as scikit-learn's documentation has them
    "digits": (1797, (1, 8, 8), 10),
    "iris": (150, (4,), 3),
    "wine": (178, (13,), 3),
    "breast_cancer": (569, (30,), 2),
    "synthetic": (2000, (16,), 2),
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_dataset_is_what_it_says(name: str) -> None:
    source = load(Dataset(name=name).document())
    rows, shape, classes = SHAPES[name]
    assert source.inputs.shape == (rows, *shape) and source.inputs.dtype == np.float32
    assert source.labels.shape == (rows,) and source.labels.dtype == np.int64
    assert sorted(set(source.labels.tolist())) == list(range(classes)) and source.classes == classes
    assert np.isfinite(source.inputs).all()
    assert source.leakable is (name != "synthetic")


def test_an_unknown_dataset_is_told_with_near_matches_and_the_list() -> None:
    with pytest.raises(BadInput) as caught:
        load({"name": "digit"})
    assert str(caught.value) == (
        "there is no dataset 'digit'; did you mean digits? "
        f"There are: {', '.join([*dataset_names(), *dataset_forms()])}"
    )


def test_a_module_that_is_no_dataset_can_not_be_named() -> None:
    with pytest.raises(BadInput):
        load({"name": "_bundled"})
