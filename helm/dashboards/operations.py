"""The dashboard of those who run the platform: how the operator is, and what it depends on."""

from board import Board, steps
from queries import HOUR, MOMENT, RATE, events, or_zero, quantile, series
from research import waits

OURS = "and on (job, instance) seedbed_build_info"  # of all processes that Prometheus scrapes


def operations() -> Board:
    """The whole board."""
    board = Board(
        "seedbed-platform", "Seedbed: platform", "How the operator is, and what it depends on.",
        other=("seedbed-research", "Seedbed: research"),
    )  # fmt: skip
    for part in (_now, _reconciling, _server, _stores, _planners, _runs, _process):
        part(board)
    return board


def _now(board: Board) -> None:
    progress, pending = "seedbed_last_progress_timestamp_seconds", "seedbed_run_oldest_pending_seconds"
    board.row("Now")
    board.stat(
        "Operators", "Operators that answer. 0: no goal goes on.", or_zero("count(seedbed_build_info)"),
        thresholds=steps("red", (1, "green")),
    )  # fmt: skip
    board.stat(
        "Build", "Version of each operator, and its Python.", "seedbed_build_info",
        legend="{{version}}, Python {{python}}",
    )  # fmt: skip
    board.stat(
        "Namespaces in work",
        "Those whose Lease an operator holds. Fewer than are watched: another one works there, unscraped.",
        or_zero(f"sum({series('seedbed_lease_held')})"),
    )
    board.stat(
        "Since the last progress",
        "Since a run ended or a goal or experiment changed, where that is longest ago. Long is bad only "
        "where goals are unfinished.",
        f"max(time() - {series(progress)})", "s",
    )  # fmt: skip
    board.stat(
        "Oldest pending run", "How long it has waited to start; at deadlines.start its attempt is lost.",
        f"max({series(pending)})", "s", thresholds=steps("green", (300, "orange"), (900, "red")),
    )  # fmt: skip
    board.stat(
        "Alerts", "Seedbed's alerts that fire, if this Prometheus has their rules.",
        or_zero('count(ALERTS{alertname=~"Seedbed.*", alertstate="firing"})'),
        thresholds=steps("green", (1, "red")),
    )  # fmt: skip


def _reconciling(board: Board) -> None:
    lag, took = "seedbed_status_lag_seconds_bucket", "seedbed_reconcile_seconds_bucket"
    errors = events("seedbed_reconcile_errors_total", MOMENT, "kind", "error")
    board.row("Reconciling")
    board.lines(
        "Status lag, last hour",
        "From a seed's end to the experiment's status that holds it. Above 2 s: the queue, the store or the "
        "API server is slow.",
        {quantile(0.5, lag, HOUR): "median", quantile(0.99, lag, HOUR): "99 %"}, "s",
    )  # fmt: skip
    board.lines(
        "Reconcile time, last 5 minutes",
        "What 99 % did not exceed. Seconds: a store, the API server or a planner is slow.",
        {quantile(0.99, took, MOMENT, "kind"): "{{kind}}"}, "s",
    )  # fmt: skip
    board.lines(
        "Reconcile errors, last 5 minutes",
        "By the error's class; each is tried again. The resource's conditions and the log say what it was.",
        {or_zero(errors, "kind"): "{{kind}} {{error}}"},
    )
    board.lines(
        "Queue depth",
        "Resources that are due or being looked at. Growing: each reconcile waits for something, or there "
        "are too few workers.",
        {"sum by (kind) (seedbed_queue_depth)": "{{kind}}"}, stacked=True,
    )  # fmt: skip
    board.lines(
        "Age of the queue",
        "How long the oldest of them has been due. At 900 s the liveness probe replaces the operator.",
        {"max(seedbed_queue_oldest_seconds)": "oldest"}, "s",
    )  # fmt: skip
    board.lines(
        "Age of the watches",
        "Since each last told of anything. leases does every 5 s where an operator works, and at 180 s the "
        "liveness probe replaces it; the others are silent while nothing changes.",
        {"max by (resource) (seedbed_watch_age_seconds)": "{{resource}}"}, "s",
    )  # fmt: skip


def _server(board: Board) -> None:
    refused = events('seedbed_api_requests_total{code!~"2.."}', MOMENT, "code", "resource")
    board.row("API server")
    board.lines(
        "Requests", "By method, without the watches. Much above the usual: something changes without end.",
        {f"sum by (method) (rate(seedbed_api_requests_total[{RATE}]))": "{{method}}"}, "reqps",
    )  # fmt: skip
    board.lines(
        "Refused requests, last 5 minutes",
        "404 and 409 belong to the work. 403: a right is missing. 429: throttled. 5xx, error: trouble.",
        {or_zero(refused, "code"): "{{code}} {{resource}}"},
    )
    board.lines(
        "Largest status", "By kind; the limit is 100 kB. Near it: a goal has too many experiments.",
        {"max by (kind) (seedbed_status_bytes)": "{{kind}}"}, "decbytes",
        thresholds=steps("green", (80_000, "orange"), (100_000, "red")),
    )  # fmt: skip


def _stores(board: Board) -> None:
    asked = events("seedbed_store_requests_total", HOUR, "store", "operation")
    failed = events('seedbed_store_requests_total{outcome!="ok"}', MOMENT, "store", "outcome")
    took = quantile(0.99, "seedbed_store_seconds_bucket", HOUR, "store", "operation")
    board.row("Stores")
    board.lines(
        "Requests, last hour", "None while goals are unfinished: runs neither start nor end.",
        {asked: "{{store}} {{operation}}"},
    )  # fmt: skip
    board.lines(
        "Failed requests, last 5 minutes",
        "By the error's class. Until they stop no run starts or is recorded.",
        {or_zero(failed, "store"): "{{store}} {{outcome}}"},
    )  # fmt: skip
    board.lines(
        "Time of a request, last hour", "What 99 % did not exceed. Above 1 s every start of a run is slowed.",
        {took: "{{store}} {{operation}}"}, "s",
    )  # fmt: skip


def _planners(board: Board) -> None:
    calls = events("seedbed_planner_calls_total", HOUR, "planner", "outcome")
    took = quantile(0.9, "seedbed_planner_seconds_bucket", HOUR, "planner")
    invalid = events("seedbed_planner_invalid_total", HOUR, "planner")
    board.row("Planners")
    board.lines(
        "Calls, last hour", "By outcome; only ok gives an experiment.", {calls: "{{planner}} {{outcome}}"}
    )
    board.lines(
        "Time of a call, last hour", "What 90 % did not exceed. Minutes: the LLM's provider is slow.",
        {took: "{{planner}}"}, "s",
    )  # fmt: skip
    board.lines(
        "Invalid proposals, last hour",
        "Answers that the validator refused. Many: the model does not keep to the schema.",
        {or_zero(invalid, "planner"): "{{planner}}"},
    )


def _runs(board: Board) -> None:
    attempts = events(series("seedbed_run_attempts_total"), HOUR, "goal_namespace")
    retries = events(series("seedbed_run_retries_total"), HOUR, "reason")
    board.row("Runs")
    board.lines(
        "Attempts, last hour", "That started. None while goals are unfinished: see their conditions.",
        {attempts: "{{goal_namespace}}"},
    )  # fmt: skip
    board.lines(
        "Retries, last hour",
        "Attempts lost to infrastructure. NodeLost, preemption: the cluster's. RecordMissing, "
        "StoreUnreachable: the store's. FetchFailed, ScoreFailed: the runner image's.",
        {or_zero(retries, "reason"): "{{reason}}"},
    )
    waits(board)


def _process(board: Board) -> None:
    board.row("The operator's process")
    board.lines(
        "CPU", "CPUs in use. At 1 its event loop is busy, and everything waits.",
        {f"rate(process_cpu_seconds_total[{RATE}]) {OURS}": "{{instance}}"},
    )  # fmt: skip
    board.lines(
        "Memory", "Resident. At the container's limit it is killed, and starts again.",
        {f"process_resident_memory_bytes {OURS}": "{{instance}}"}, "bytes",
    )  # fmt: skip
    board.lines(
        "Open files", "Connections included. Growing without end: a leak, to be reported.",
        {f"process_open_fds {OURS}": "{{instance}}"},
    )  # fmt: skip
