import dataclasses
import math
import statistics

import pytest

from seedbed.verify.tolerance import tolerance
from seedbed_runner.contract.records import RunResult

RECORD = RunResult(
    run_uid="u", experiment="e", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    split="validation", outcome="Scored", metric="accuracy", data_hash="d", assurance="trusted-code",
    started_at=0.0, finished_at=1.0,
)  # fmt: skip


def runs(experiment, *scores, diverged=False):
    return [
        dataclasses.replace(RECORD, experiment=experiment, metrics={"accuracy": score}, diverged=diverged)
        for score in scores
    ]


def test_three_times_the_spread_of_the_difference_of_two_seeds():
    scores = (0.90, 0.93, 0.91, 0.95, 0.90, 0.94)
    found = tolerance("accuracy", runs("e", *scores), 1000)
    assert found.sd == pytest.approx(statistics.stdev(scores))
    assert found.value == pytest.approx(3 * math.sqrt(2) * statistics.stdev(scores))


def test_the_spread_is_pooled_within_experiments():
    records = runs("low", 0.5, 0.52, 0.51) + runs("high", 0.9, 0.92, 0.91, 0.93)
    squares = 2 * statistics.variance((0.5, 0.52, 0.51)) + 3 * statistics.variance((0.9, 0.92, 0.91, 0.93))
    assert tolerance("accuracy", records, 1000).sd == pytest.approx(math.sqrt(squares / 5))


def test_with_few_seeds_the_prior():
    assert tolerance("accuracy", runs("e", 0.5, 0.9), 1000).sd == 0.01


def test_diverged_seeds_say_nothing_of_the_spread():
    records = runs("e", 0.9, 0.9, 0.9, 0.9, 0.9, 0.9) + runs("e", 0.1, diverged=True)
    assert tolerance("accuracy", records, 1000).sd == pytest.approx(0, abs=1e-12)


def test_two_items_are_always_allowed():
    assert tolerance("accuracy", runs("e", *[0.9] * 6), 360).value == pytest.approx(2 / 360)
