"""The dashboard of those who ask: what becomes of their goals, and what it costs."""

from board import Board, steps
from queries import HOUR, RANGE, events, or_zero, quantile, series

UNFINISHED = 'phase=~"Pending|Preparing|Searching|Confirming|Suspended"'
UNSETTLED = 'phase=~"Pending|Running|Suspended"'


def research() -> Board:
    """The whole board."""
    board = Board(
        "seedbed-research", "Seedbed: research", "What becomes of research goals, and what it costs.",
        other=("seedbed-platform", "Seedbed: platform"),
    )  # fmt: skip
    _numbers(board)
    _goals(board)
    _runs(board)
    _budgets(board)
    return board


def _numbers(board: Board) -> None:
    achieved = or_zero(events(series("seedbed_goals_finished_total", 'verdict="Achieved"'), RANGE))
    runs = or_zero(events(series("seedbed_runs_finished_total"), RANGE))
    gpu = or_zero(events(series("seedbed_gpu_seconds_total"), RANGE))
    experiments = or_zero(events(series("seedbed_experiments_finished_total"), RANGE))
    board.row("In the chosen time")
    board.stat(
        "Unfinished goals", "Goals that are searched for now, wait, or are suspended.",
        or_zero(f"sum({series('seedbed_goals', UNFINISHED)})"),
    )  # fmt: skip
    board.stat("Goals achieved", "Goals that ended with the verdict Achieved.", achieved)
    board.stat(
        "Experiments settled",
        "Explorations and confirmations that came to an outcome. None for hours while goals are unfinished: "
        "something on the platform's dashboard is wrong.",
        experiments,
    )
    board.stat(
        "Seeds per claim",
        "Runs that ended, over the goals achieved; all of them where none was. Growing: searches get harder, "
        "or runs fail.",
        f"({runs}) / clamp_min({achieved}, 1)", decimals=1,
    )  # fmt: skip
    board.stat(
        "GPU hours per claim",
        "GPU time settled, over the goals achieved; all of it where none was. 0 where runs use no GPU.",
        f"({gpu}) / 3600 / clamp_min({achieved}, 1)", "h", decimals=2,
    )  # fmt: skip
    board.stat(
        "Budgets nearly spent",
        "Budgets of unfinished goals, at least 90 % used. Raise those of goals that should go on.",
        or_zero(f"sum({series('seedbed_goals_nearly_spent')})"), thresholds=steps("green", (1, "orange")),
    )  # fmt: skip


def _goals(board: Board) -> None:
    finished = events(series("seedbed_goals_finished_total"), RANGE, "verdict", "reason")
    board.row("Goals")
    board.lines(
        "Goals by phase",
        "Goals now. Many that stay in Pending or Preparing: a dataset or the store stands in the way.",
        {f"sum by (phase) ({series('seedbed_goals')}) > 0": "{{phase}}"}, stacked=True,
    )  # fmt: skip
    board.lines(
        "Experiments under way",
        "Experiments now that are not settled. Suspended: their goal is, or it waits for other candidates.",
        {f"sum by (phase) ({series('seedbed_experiments', UNSETTLED)})": "{{phase}}"}, stacked=True,
    )  # fmt: skip
    board.bars(
        "Verdicts",
        "Goals that finished in the chosen time. NotAchieved: not shown, never impossible. Inconclusive: a "
        "seed is missing, or the budget ended in a confirmation.",
        or_zero(finished, "verdict"), "{{verdict}} {{reason}}",
    )  # fmt: skip


def _runs(board: Board) -> None:
    failed = series("seedbed_runs_finished_total", 'outcome=~"Failed|Missing"')
    settled = events(series("seedbed_experiments_finished_total"), RANGE, "purpose", "outcome")
    ran = series("seedbed_run_seconds_bucket")
    board.row("Experiments and runs")
    board.bars(
        "Experiments by outcome",
        "Settled in the chosen time. Mostly Failed: the planner proposes what can't be trained.",
        or_zero(settled, "purpose"), "{{purpose}} {{outcome}}",
    )  # fmt: skip
    board.lines(
        "Runs under way",
        "Attempts at runs now. Pending for long: the cluster has no room, or a quota or queue holds them.",
        {f"sum by (phase) ({series('seedbed_runs')})": "{{phase}}"}, stacked=True,
    )  # fmt: skip
    board.lines(
        "Runs ended, last hour",
        "Failed: by their model. Missing: given up for the cluster's reasons; they block a claim. "
        "Superseded: stopped, the verdict did not need them.",
        {or_zero(events(series("seedbed_runs_finished_total"), HOUR, "outcome"), "outcome"): "{{outcome}}"},
    )
    board.bars(
        "Failures by class",
        "Runs that failed or went missing in the chosen time. OutOfMemory: raise resources.memory. Deadline: "
        "raise deadlines.run. Diverged or shapes: the planner learns from them.",
        or_zero(events(failed, RANGE, "reason"), "reason"), "{{reason}}",
    )  # fmt: skip
    board.lines(
        "Run time, last hour",
        "From a run's first step to the end of its last one. Near deadlines.run: large models are cut off.",
        {
            quantile(0.5, ran, HOUR, "purpose"): "{{purpose}} median",
            quantile(0.9, ran, HOUR, "purpose"): "{{purpose}} 90 %",
        },
        "s",
    )
    waits(board)


def waits(board: Board) -> None:
    """How long runs wait to start: for the researcher and for the platform alike."""
    queued, started = series("seedbed_run_queue_seconds_bucket"), series("seedbed_run_startup_seconds_bucket")
    board.lines(
        "Wait before a run, last hour",
        "What 90 % of the runs did not exceed. For a node: there is no room. To the first step: minutes mean "
        "that images are pulled each time.",
        {quantile(0.9, queued, HOUR): "for a node", quantile(0.9, started, HOUR): "then to the first step"},
        "s",
    )


def _budgets(board: Board) -> None:
    gpu = events(series("seedbed_gpu_seconds_total"), HOUR, "use")
    tokens = events("seedbed_planner_tokens_total", HOUR, "planner", "direction")
    board.row("Budgets")
    board.lines(
        "Goals with a nearly spent budget",
        "Unfinished goals that used at least 90 % of a budget. They end with it unless it is raised.",
        {f"sum by (budget) ({series('seedbed_goals_nearly_spent')})": "{{budget}}"},
    )
    board.lines(
        "GPU hours settled, last hour",
        "useful: in a number. wasted: failed, superseded or retried; mostly that: see the failures.",
        {f"({or_zero(gpu, 'use', 'useful')}) / 3600": "{{use}}"}, "h",
    )  # fmt: skip
    board.lines(
        "Planner tokens, last hour",
        "Tokens of planning LLMs, of all namespaces; none is used by the search planner.",
        {or_zero(tokens, "planner"): "{{planner}} {{direction}}"},
    )
