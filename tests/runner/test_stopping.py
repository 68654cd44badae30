import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from seedbed_runner.stopping import EarlyStopper, hold_out


@given(st.lists(st.integers(1, 900), min_size=2, max_size=6), st.floats(0.05, 0.5), st.integers(0, 99))
def test_the_slice_is_stratified_and_of_the_asked_size(sizes: list[int], fraction: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    held = hold_out(labels, {"fraction": fraction, "seed": seed, "patience": 1})
    count = round(fraction * len(labels))
    if count < 200:
        assert not held.any()
        return
    assert held.sum() == count
    for label, size in enumerate(sizes):
        assert abs(held[labels == label].sum() - count * size / len(labels)) <= 1


def test_the_slice_depends_on_its_own_seed() -> None:
    labels = np.arange(1000) % 10
    first, again, other = (hold_out(labels, {"fraction": 0.2, "seed": seed}) for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()
    assert not hold_out(labels, None).any()
    assert not hold_out(labels[:999], {"fraction": 0.2 - 1e-3, "seed": 0}).any()  # 199 rows decide by luck


def test_the_best_epochs_weights_come_back() -> None:
    model = torch.nn.Linear(1, 1)
    stopper = EarlyStopper(model, patience=2)
    stops = []
    for epoch, (accuracy, loss) in enumerate(
        [(0.5, 1.0), (0.7, 0.9), (0.7, 0.8), (0.6, 0.1), (0.7, 0.8)], start=1
    ):
        with torch.no_grad():
            model.weight.fill_(epoch)
        stops.append(stopper.see(epoch, accuracy, loss))
    assert stops == [False, False, False, False, True] and stopper.best_epoch == 3
    stopper.restore()
    assert model.weight.item() == 3
