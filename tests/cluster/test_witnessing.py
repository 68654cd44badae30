import asyncio
from dataclasses import replace

import pytest

from fakes.cluster import experiment
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.timings import Timings
from seedbed.cluster.watches import Key
from seedbed.cluster.witnessing import Measure
from seedbed.errors import StorageFailed
from seedbed_runner.contract.records import RunResult

KEY = Key("Experiment", "team", "g-e001")
RECORD = RunResult(
    run_uid="u", experiment="g-e001", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    split="validation", outcome="Scored", metric="accuracy", data_hash="d", assurance="trusted-code",
    started_at=0.0, finished_at=100.0,
)  # fmt: skip


@pytest.fixture
def metrics():
    return Metrics()


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"seedbed_{name}", labels)


def test_each_reconcile_is_timed_and_its_failure_counted(metrics):
    errors = iter([None, StorageFailed("gone"), KeyError("bug")])

    async def work(key):
        if error := next(errors):
            raise error
        return 3.0

    measured = Measure(metrics).over(work)
    assert asyncio.run(measured(KEY)) == 3.0
    for kind in (StorageFailed, KeyError):
        with pytest.raises(kind):
            asyncio.run(measured(KEY))
        assert value(metrics, "reconcile_errors_total", kind="Experiment", error=kind.__name__) == 1
    assert value(metrics, "reconcile_seconds_count", kind="Experiment") == 3


def test_how_far_the_status_lags_behind_a_runs_end(metrics):
    measure = Measure(metrics, lambda: 103.0)
    ahead = replace(RECORD, finished_at=200.0)  # by the node's clock
    measure.recorded(experiment(), {0: RECORD, 1: ahead})
    assert value(metrics, "status_lag_seconds_count") == 2 and value(metrics, "status_lag_seconds_sum") == 3.0


def test_what_an_attempts_time_went_into(metrics):
    measure = Measure(metrics)
    measure.retired(experiment(), Timings(1.0, 2.0, 30.0))
    measure.retired(experiment(), Timings(queued=5.0))
    where = {"goal_namespace": "team"}
    assert value(metrics, "run_queue_seconds_sum", **where) == 6.0
    assert value(metrics, "run_startup_seconds_count", **where) == 1
    assert value(metrics, "run_seconds_sum", **where, purpose="Explore") == 30.0
