"""Enters in the test set's ledger what an Experiment does to a test split, before it does it.

Called by the reconciler before each change of an Experiment's status. A run is in the status before it
starts, and in the ledger before that. The ledger is not read for it, and nothing is kept: when the status was
not written after all, both are written again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from seedbed.api import Experiment, ExperimentStatus, ResearchGoal
from seedbed.engine.ledger import begun, build_entry, entry_key
from seedbed.world import Artifacts
from seedbed_runner.contract.records import Card, RunResult

OVER = frozenset({"Completed", "Failed", "Superseded"})
Records = Callable[[Experiment, Sequence[int]], Awaitable[Mapping[int, RunResult]]]


async def enter(
    artifacts: Artifacts,
    goal: ResearchGoal | None,
    experiment: Experiment,
    status: ExperimentStatus,
    card: Card | None,
    records: Records,
    now: float,
) -> None:
    """Have the ledger say what will be so once `status` is the experiment's.

    Args:
        artifacts: where the ledger is.
        goal: the one that made the experiment, if it is there.
        experiment: with the status that it has now.
        status: the one that it is to get.
        card: of its data, as far as it is known.
        records: reads the records that these runs of the experiment have left.
        now: seconds since the epoch.
    """
    data = goal.status.dataset if goal is not None and goal.status.dataset is not None else card
    # Without its data nothing begins; what a goal that was deleted leaves is pending in the ledger for good.
    if experiment.spec.purpose != "Confirm" or data is None or not begun(status):
        return
    scored: list[int | None] = [None] if begun(status) > begun(experiment.status) else []
    if status.phase in OVER:
        scored.append(await _scored(experiment, status, records))
    for each in scored:
        entry = build_entry(goal, experiment, data, status, each, now)
        await artifacts.put(entry_key(experiment.metadata.namespace, entry), entry.to_json())


async def _scored(experiment: Experiment, status: ExperimentStatus, records: Records) -> int:
    """How many runs were scored, whether or not they were looked at; one that was stopped may have been."""
    stopped = [run.seed for run in status.runs if run.attempt and not run.ended]
    left = await records(experiment, stopped)
    known = sum(run.phase == "Scored" for run in status.runs)
    return known + sum(record.outcome == "Scored" for record in left.values())
