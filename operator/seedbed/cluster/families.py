"""The operator's metrics: every family's name, type, labels and meaning, in this one place.

`metrics` counts in them, `present` and `vitals` report by them, docs/metrics.md prints them. The label of a
namespace is `goal_namespace`, since a scrape adds the target's own as `namespace`. No label names a goal, an
experiment, a seed or a node: whatever a user makes many of would be a series that never goes away.
"""

from dataclasses import dataclass
from typing import Literal

NAMESPACE = "goal_namespace"

_CALLS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LAGS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_WAITS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_RUNS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0, 7200.0, 14400.0, 43200.0)
_THOUGHTS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True)
class Family:
    """One metric; `meaning` is its help text, `buckets` (seconds) are a histogram's."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


BUILD_INFO = Family("seedbed_build_info", "gauge", ("version", "python"), "1, for this build")

# What there is now.
GOALS = Family("seedbed_goals", "gauge", (NAMESPACE, "phase"), "Goals by status.phase")
EXPERIMENTS = Family("seedbed_experiments", "gauge", (NAMESPACE, "phase"), "Experiments by status.phase")
RUNS = Family("seedbed_runs", "gauge", (NAMESPACE, "phase"), "Attempts under way: Pending or Running")
OLDEST_PENDING = Family(
    "seedbed_run_oldest_pending_seconds", "gauge", (NAMESPACE,),
    "For how long the attempt has waited that waits longest to start; 0 when none waits",
)  # fmt: skip
NEARLY_SPENT = Family(
    "seedbed_goals_nearly_spent", "gauge", (NAMESPACE, "budget"),
    "Unfinished goals that used at least 90 % of a budget",
)  # fmt: skip
STATUS_BYTES = Family("seedbed_status_bytes", "gauge", ("kind",), "The largest status; its limit is 100000")
LEASE_HELD = Family(
    "seedbed_lease_held", "gauge", (NAMESPACE,), "1 where this operator works, 0 where it waits for another"
)
LAST_PROGRESS = Family(
    "seedbed_last_progress_timestamp_seconds", "gauge", (NAMESPACE,),
    "When a run last ended, or a goal or an experiment last came to another state",
)  # fmt: skip

# What became of goals, experiments and runs.
GOALS_FINISHED = Family(
    "seedbed_goals_finished_total", "counter", (NAMESPACE, "verdict", "reason"), "Goals that finished"
)
EXPERIMENTS_FINISHED = Family(
    "seedbed_experiments_finished_total", "counter", (NAMESPACE, "purpose", "outcome", "reason"),
    "Experiments that were settled; purpose is Explore, Control, Confirm or Standalone",
)  # fmt: skip
RUNS_FINISHED = Family(
    "seedbed_runs_finished_total", "counter", (NAMESPACE, "purpose", "outcome", "reason"),
    "Runs that ended: Succeeded, Failed (the model), Missing (the cluster), Superseded (stopped: not needed)",
)  # fmt: skip
RUN_ATTEMPTS = Family("seedbed_run_attempts_total", "counter", (NAMESPACE,), "Attempts at runs that started")
RUN_RETRIES = Family(
    "seedbed_run_retries_total", "counter", (NAMESPACE, "reason"),
    "Attempts that were lost to infrastructure: RecordMissing, NodeLost, PodDeleted and others",
)  # fmt: skip
GPU_SECONDS = Family(
    "seedbed_gpu_seconds_total", "counter", (NAMESPACE, "use"),
    "GPU time, once its experiment is settled: useful (in a number) or wasted (failed, superseded, retried)",
)  # fmt: skip

# How long things take.
RUN_QUEUE = Family(
    "seedbed_run_queue_seconds", "histogram", (NAMESPACE,), "From a run's Job to a node for its pod", _WAITS
)
RUN_STARTUP = Family(
    "seedbed_run_startup_seconds", "histogram", (NAMESPACE,), "From the node to the start of the first step",
    _WAITS,
)  # fmt: skip
RUN_SECONDS = Family(
    "seedbed_run_seconds", "histogram", (NAMESPACE, "purpose"),
    "From the start of a run's first step to the end of its last one", _RUNS,
)  # fmt: skip
STATUS_LAG = Family(
    "seedbed_status_lag_seconds", "histogram", (),
    "From the end of a seed's run (its record's) to the experiment's status that holds it", _LAGS,
)  # fmt: skip

# How the operator is.
RECONCILE_SECONDS = Family("seedbed_reconcile_seconds", "histogram", ("kind",), "Of one reconcile", _CALLS)
RECONCILE_ERRORS = Family(
    "seedbed_reconcile_errors_total", "counter", ("kind", "error"),
    "Reconciles that failed, by the error's class; a conflict is none",
)  # fmt: skip
QUEUE_DEPTH = Family("seedbed_queue_depth", "gauge", ("kind",), "Resources that are due or being looked at")
QUEUE_OLDEST = Family(
    "seedbed_queue_oldest_seconds", "gauge", (),
    "For how long the oldest of them has been due; 0 when none is",
)  # fmt: skip
WATCH_AGE = Family(
    "seedbed_watch_age_seconds", "gauge", ("resource",),
    "Since a watch last told of anything; of leases it does every 5 seconds while the operator holds one",
)  # fmt: skip
API_REQUESTS = Family(
    "seedbed_api_requests_total", "counter", ("method", "resource", "code"),
    "Requests to the API server other than watches; code is error when no answer came",
)  # fmt: skip

# What it depends on.
PLANNER_CALLS = Family(
    "seedbed_planner_calls_total", "counter", ("planner", "outcome"),
    "Proposals asked for; outcome is ok, invalid or the error's class",
)  # fmt: skip
PLANNER_SECONDS = Family("seedbed_planner_seconds", "histogram", ("planner",), "Of one proposal", _THOUGHTS)
PLANNER_TOKENS = Family(
    "seedbed_planner_tokens_total", "counter", ("planner", "direction"), "Tokens of the planning LLM"
)
PLANNER_INVALID = Family(
    "seedbed_planner_invalid_total", "counter", ("planner",), "Proposals that the validator refused"
)
STORE_REQUESTS = Family(
    "seedbed_store_requests_total", "counter", ("store", "operation", "outcome"),
    "Requests to an S3 store; outcome is ok or the error's class",
)  # fmt: skip
STORE_SECONDS = Family(
    "seedbed_store_seconds", "histogram", ("store", "operation"), "Of one request to a store", _CALLS
)

ALL: tuple[Family, ...] = tuple(found for found in list(globals().values()) if isinstance(found, Family))
