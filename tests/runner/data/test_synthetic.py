import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from seedbed.api.dataset import Dataset
from seedbed_runner.data import Source, load
from seedbed_runner.data.synthetic import bayes_error, solve_distance
from seedbed_runner.errors import BadInput


def draw(**synthetic: object) -> Source:
    return load(Dataset.model_validate({"name": "synthetic", "synthetic": synthetic}).document())


@pytest.mark.parametrize("distance", [0.1, 1.0, 3.0])
def test_two_classes_have_the_closed_form(distance: float) -> None:
    assert 1 - bayes_error(distance, 2) == pytest.approx(norm.cdf(distance / np.sqrt(2)), abs=1e-9)


def test_ten_classes_agree_with_a_simulation() -> None:
    random = np.random.default_rng(0)
    coordinates = random.standard_normal((400_000, 10))
    coordinates[:, 0] += 2.5
    simulated = (coordinates.argmax(axis=1) == 0).mean()
    assert 1 - bayes_error(2.5, 10) == pytest.approx(simulated, abs=0.003)  # 4 standard errors


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 100), st.floats(0.001, 0.999_999))
def test_the_distance_gives_the_accuracy_that_was_asked_for(classes: int, share: float) -> None:
    accuracy = 1 / classes + share * (1 - 1 / classes)
    assert 1 - bayes_error(solve_distance(accuracy, classes), classes) == pytest.approx(accuracy, abs=1e-8)


@pytest.mark.parametrize("shape", [{"kind": "tabular", "features": 12}, {"kind": "image", "size": 4}])
def test_the_nearest_mean_reaches_the_bayes_accuracy_on_drawn_rows(shape: dict[str, object]) -> None:
    source = draw(samples=60_000, classes=3, bayesAccuracy=0.9, **shape)
    flat = source.inputs.reshape(len(source.inputs), -1)
    means = np.stack([flat[source.labels == k].mean(axis=0) for k in range(3)])
    nearest = ((flat[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == source.labels).mean() == pytest.approx(0.9, abs=0.006)
    assert source.bayes_accuracy == 0.9
    assert np.bincount(source.labels).tolist() == [20_000] * 3


def test_the_seed_decides_every_row() -> None:
    first, again, other = draw(seed=1), draw(seed=1), draw(seed=2)
    assert (first.inputs == again.inputs).all() and (first.labels == again.labels).all()
    assert (first.inputs != other.inputs).any()


def test_what_would_not_fit_into_memory_is_refused() -> None:
    with pytest.raises(BadInput, match=r"1000000 synthetic samples of 4096 values take 15\.3 GiB"):
        draw(samples=1_000_000, features=4096)
