from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seedbed_runner.randomness import deterministic, fresh_model, streams

Builder = Callable[[], torch.nn.Module]


def build() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))


def train_a_little(model: torch.nn.Module) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.rand(8, 4)).square().sum().backward()
    optimizer.step()


def first_weights(
    seeds: list[int], fresh: Callable[[Builder, int], torch.nn.Module]
) -> dict[int, torch.Tensor]:
    """The weights at the start of each seed's run, the runs being made one after the other."""
    found = {}
    for seed in seeds:
        model = fresh(build, seed)
        found[seed] = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        train_a_little(model)
    return found


def starts_depend_on_earlier_seeds(fresh: Callable[[Builder, int], torch.nn.Module]) -> bool:
    alone, after = first_weights([2], fresh)[2], first_weights([1, 2], fresh)[2]
    return not torch.equal(alone, after)


def test_weights_at_the_start_of_a_seed_do_not_depend_on_the_seed_before() -> None:
    assert not starts_depend_on_earlier_seeds(lambda build, seed: fresh_model(build, streams(seed)))


def test_the_check_catches_a_model_that_is_used_again_for_the_next_seed() -> None:
    class Reused:
        model: torch.nn.Module | None = None

        def fresh(self, build: Builder, seed: int) -> torch.nn.Module:
            torch.manual_seed(streams(seed).initialisation)
            self.model = self.model or build()
            return self.model

    reused = Reused()

    def broken(build: Builder, seed: int) -> torch.nn.Module:
        return reused.fresh(build, seed)

    assert starts_depend_on_earlier_seeds(broken)


def test_the_check_catches_weights_drawn_without_the_seed() -> None:
    assert starts_depend_on_earlier_seeds(lambda build, seed: build())


def test_seeds_differ_at_the_start() -> None:
    found = first_weights([1, 2], lambda build, seed: fresh_model(build, streams(seed)))
    assert not torch.equal(found[1], found[2])


@given(st.integers(0, 2**53 - 1))
def test_streams_are_reproducible_distinct_and_fit_torch(seed: int) -> None:
    drawn = streams(seed)
    values = [drawn.initialisation, drawn.order, drawn.dropout, drawn.augmentation]
    assert drawn == streams(seed) and len(set(values)) == 4 and all(0 <= value < 2**63 for value in values)
    assert drawn != streams(seed + 1)


def test_the_deterministic_mode_is_left_as_it_was_entered() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with pytest.raises(KeyError), deterministic(threads=1):
        assert torch.are_deterministic_algorithms_enabled() and torch.get_num_threads() == 1
        torch.rand(100)
        raise KeyError
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.rand(3), expected)
