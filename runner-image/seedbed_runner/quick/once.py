"""`quick_evaluate_once`: a judge and the training, brought together. Importing this imports neither."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed_runner.quick import beside
from seedbed_runner.quick.config import QuickEvalConfig
from seedbed_runner.quick.result import QuickEvalResult, SeedResult

if TYPE_CHECKING:
    from seedbed_runner.quick.halves import Judging
    from seedbed_runner.reinitialise import ModelOrFactory


def quick_evaluate_once(
    model_or_factory: "ModelOrFactory | None" = None,
    config: QuickEvalConfig | None = None,
    progress: Callable[[SeedResult], None] = lambda result: None,
) -> QuickEvalResult:
    """Train one configuration with several seeds and say how good it is on the validation split.

    Seeds run at once over the cores, in forks of the caller's process, or one after the other on a GPU: code
    in the model can do what the caller can, and the result is as trustworthy as that code. torch's random
    state and settings are as before afterwards.

    Args:
        model_or_factory: see `reinitialise.model_builder`; None takes that of `models.defaults`. A module
            instance is a pattern: each seed trains a copy with every layer initialised anew by its own
            `reset_parameters` (an initialisation of your own in `__init__` is lost: give a function to keep
            it), and the instance itself is left alone.
        config: what to evaluate on, and how.
        progress: called after each seed, in their order.

    Returns:
        `aggregated["val_accuracy"]` with mean, std, ci_95, n and the value of each seed; `goal_achieved`.

    Raises:
        BadInput: an unknown dataset, a metric that does not apply to it, or a model that can't be built anew
            for each seed.
        ModelFailure: every seed failed.
    """
    config = config or QuickEvalConfig()
    with _judge(config) as judge:
        with beside.no_collections():
            from seedbed_runner.quick.training import evaluate
        if isinstance(judge, beside.JudgeBeside):
            gc.freeze()  # in a fresh process all is of the imports: no later collection need look at it
        return evaluate(judge, model_or_factory, config, progress)


@contextmanager
def _judge(config: QuickEvalConfig) -> "Iterator[Judging]":
    if beside.pays():
        neighbour = beside.JudgeBeside(config)
        try:
            yield neighbour
        finally:
            neighbour.close()
    else:
        with beside.no_collections():
            from seedbed_runner.quick.judge import Judge
        yield Judge(config)
