"""Optuna's tree-structured Parzen estimator, asked about a space and what is known of it.

The only module that imports Optuna. There is no study that lives on: each call builds one from the outcomes
given, so that the answer depends on them and the seed alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial

from seedbed.planning.dimensions import Choice, Dimension, Settings, Space, Whole, two_digits

CANDIDATES = 100  # drawn for each suggestion; Optuna's 24 find less in as many dimensions as ours


def suggestions(space: Space, outcomes: Sequence[tuple[Settings, float]], seed: int) -> Iterator[Settings]:
    """Settings worth trying, without end, each under the same outcomes.

    Args:
        space: the dimensions.
        outcomes: settings (each one within the space) and their scores; higher is better.
        seed: of the sampler, below 2³².
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distributions = {name: distribution(dimension) for name, dimension in space.items()}
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=1, n_ei_candidates=CANDIDATES)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for settings, score in outcomes:
        study.add_trial(create_trial(params=dict(settings), distributions=distributions, value=score))
    while True:
        trial = study.ask(distributions)
        yield {name: _rounded(space[name], value) for name, value in trial.params.items()}
        study.tell(trial, state=TrialState.FAIL)  # not taken, and no outcome either


def distribution(dimension: Dimension) -> BaseDistribution:
    """A dimension as Optuna has it."""
    if isinstance(dimension, Choice):
        return CategoricalDistribution(dimension.values)
    if isinstance(dimension, Whole):
        return IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=True)


def _rounded(dimension: Dimension, value: Any) -> Any:
    return value if isinstance(dimension, Choice | Whole) else two_digits(value)
