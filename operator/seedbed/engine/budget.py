"""What a goal may still start: everything is reserved before it is spent.

Experiments, confirmations and failures are counted by index, so they don't depend on timing. GPU time and the
deadline are wall-clock: they end a search where they end it. A run is reserved once, at its deadline: what is
spent again because a machine failed is counted when it is spent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seedbed.api import Experiment, GoalSpec, GoalStatus
from seedbed.api.common import seconds
from seedbed.api.integrity import CONTROL_RUNS, Integrity
from seedbed.api.progress import Attempt, BudgetStatus, ExperimentLine, Planning, Spending
from seedbed.engine.exploration import gpu_seconds
from seedbed.engine.instants import to_epoch
from seedbed.engine.standard import most_seeds

FAILED = frozenset({"Failed", "SeedMissing"})


def control_runs(spec: GoalSpec) -> int:
    """How many control runs one nomination may take."""
    return CONTROL_RUNS if spec.integrity.control else 0


@dataclass(frozen=True)
class Balance:
    """Spent and reserved: by what is settled (lines, attempts, checks), live experiments, `starting` new ones.

    `planning` is the planning LLM's part.
    """

    spec: GoalSpec
    lines: Sequence[ExperimentLine]
    attempts: Sequence[Attempt]
    live: Mapping[str, Experiment]
    starting: int = 0
    checks: Sequence[Integrity] = ()
    planning: Planning | None = None

    @property
    def gpu_run(self) -> float:
        """GPU seconds that one run may take."""
        return self.spec.resources.gpus * seconds(self.spec.deadlines.run)

    @property
    def confirmation(self) -> float:
        """GPU seconds that a whole confirmation may take."""
        return most_seeds(self.spec) * self.gpu_run

    def _unsettled(self) -> list[Experiment]:
        settled = {line.name for line in self.lines} | {check.control for check in self.checks}
        settled |= {a.experiment for a in self.attempts if a.outcome != "Open"}
        return [experiment for name, experiment in self.live.items() if name not in settled]

    @property
    def gpu_used(self) -> float:
        """GPU seconds spent by every attempt at every run."""
        done = sum(line.gpu_seconds for line in self.lines) + sum(a.gpu_seconds for a in self.attempts)
        done += sum(check.gpu_seconds for check in self.checks)
        return done + sum(map(gpu_seconds, self._unsettled()))

    @property
    def gpu_reserved(self) -> float:
        """GPU seconds set aside: the runs left of what has begun, and one confirmation with its control."""
        left = self.starting * self.spec.seeds.explore
        for experiment in self._unsettled():
            ended = sum(run.ended for run in experiment.status.runs)
            left += len(experiment.spec.seeds) - ended
        if any(a.outcome == "Open" and a.experiment in self.live for a in self.attempts):
            return left * self.gpu_run
        checked = any(a.outcome == "Open" for a in self.attempts) or self._controlling
        control = 0 if checked else control_runs(self.spec)
        return (left + control) * self.gpu_run + self.confirmation

    @property
    def _controlling(self) -> bool:
        return any(each.spec.purpose == "Control" for each in self._unsettled())

    @property
    def tokens_used(self) -> int:
        """Tokens that the proposals so far cost, and the calls for one that is not there yet."""
        made = [(each.index, each.tokens) for each in self.lines]
        made += [(each.spec.index or 0, each.spec.tokens) for each in self._explorations()]
        spent, asking = sum(tokens for _, tokens in made), self.planning
        if asking is None or any(index == asking.index for index, _ in made):
            return spent
        return spent + asking.tokens

    @property
    def tokens_reserved(self) -> int:
        """Tokens set aside for the call that is under way."""
        return self.planning.reserved if self.planning else 0

    @property
    def tokens_left(self) -> int:
        """Tokens that are neither spent nor set aside."""
        return self.spec.budget.tokens - self.tokens_used - self.tokens_reserved

    def _explorations(self) -> list[Experiment]:
        return [e for e in self._unsettled() if e.spec.purpose == "Explore"]

    @property
    def gpu_left(self) -> float:
        """GPU seconds that are neither spent nor set aside."""
        return self.spec.budget.gpu_hours * 3600 - self.gpu_used - self.gpu_reserved

    def failures(self, visible: int) -> int:
        """Failed experiments among the first `visible`."""
        return sum(line.outcome in FAILED for line in self.lines[:visible])

    def why_no_experiment(self, index: int) -> str | None:
        """Why experiment `index` can't start; None if it can. It sees experiments 1 … index − parallel."""
        budget = self.spec.budget
        if index > budget.experiments:
            return f"all {budget.experiments} experiments of the budget are spent"
        if self.failures(max(0, index - budget.parallel)) >= budget.failures:
            return f"{budget.failures} experiments failed, as many as the budget allows"
        exploration = self.spec.seeds.explore * self.gpu_run
        if exploration > self.gpu_left:
            return f"the rest of {budget.gpu_hours:g} GPU hours is kept for a confirmation"
        return None

    def can_confirm(self) -> bool:
        """Whether a confirmation is left in the budget and its reserve is there."""
        enough = self.gpu_left >= 0  # the reserve for one confirmation is already taken off
        return len(self.attempts) < self.spec.budget.confirmations and enough

    def status(self, started: int) -> BudgetStatus:
        """Used and reserved, for the goal's status; `started` counts the explorations so far."""
        confirming = any(attempt.outcome == "Open" for attempt in self.attempts)
        used = Spending(
            experiments=started,
            confirmations=len(self.attempts),
            failures=self.failures(len(self.lines)),
            gpu_hours=self.gpu_used / 3600,
            tokens=self.tokens_used,
        )
        reserved = Spending(
            confirmations=0 if confirming else 1,
            gpu_hours=self.gpu_reserved / 3600,
            tokens=self.tokens_reserved,
        )
        return BudgetStatus(used=used, reserved=reserved)


def ends_at(spec: GoalSpec, status: GoalStatus) -> float | None:
    """When the goal's working time is over, if it has begun; pauses don't count."""
    if status.start_time is None:
        return None
    return to_epoch(status.start_time) + status.paused_seconds + seconds(spec.budget.deadline)
