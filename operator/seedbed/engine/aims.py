"""What a goal's candidates are measured by: its targets, turned so that a higher score is better.

The claims know no direction. Scores, targets and bounds are turned here on their way in (`Aim`), and means
and bounds are turned back when they are written into a status.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.api import GoalSpec
from seedbed.api.experiment import RunStatus
from seedbed.api.objective import Objective
from seedbed.api.progress import BaselineStatus, ExperimentLine
from seedbed.engine.claims import drops, nomination_threshold
from seedbed.engine.claims_relative import relative_factor
from seedbed.engine.intervals import SeedScores, mean, pooled_sd
from seedbed.engine.orientation import Orientation
from seedbed_runner.contract.metrics import LATENCY, METRICS, Metric


@dataclass(frozen=True)
class Baseline:
    """A frozen baseline: its turned scores, and by what its mean is multiplied to be the target."""

    scores: tuple[float, ...]
    factor: float


@dataclass(frozen=True)
class Aim:
    """One target.

    Attributes:
        metric: what is measured.
        wanted: the target in the metric's own unit.
        prior_sd: the standard deviation over seeds that is assumed until enough runs tell it.
        baseline: what it is an improvement over.
        first: whether it is the objective's own metric, and no further one.
        of_items: whether it is measured on the test items, so that a population of items adds its error.
    """

    metric: Metric
    wanted: float
    prior_sd: float
    baseline: Baseline | None = None
    first: bool = True
    of_items: bool = True

    @property
    def view(self) -> Orientation:
        """How values are turned."""
        return Orientation(self.metric.direction)

    @property
    def target(self) -> float:
        """The target, turned."""
        return self.view.inward(self.wanted)

    @property
    def bound(self) -> float:
        """The best possible score, turned."""
        return self.view.inward(self.metric.bound)

    def score(self, run: RunStatus) -> float | None:
        """A run's turned score; None if it has none."""
        score = run.score if self.first else run.also.get(self.metric.name)
        return None if score is None else self.view.inward(score)

    def explored(self, line: ExperimentLine) -> SeedScores:
        """The turned scores of a settled exploration."""
        scores = line.scores if self.first else line.also.get(self.metric.name, [])
        return SeedScores(self.view.scores(scores), tuple(line.diverged[: len(scores)]))

    def spread(self, lines: Sequence[ExperimentLine]) -> float:
        """σ̂ of the settled explorations that are in sight."""
        return pooled_sd(map(self.explored, lines), self.target, self.prior_sd)

    def drops(self, scores: Sequence[float], sd: float) -> bool:
        """Whether a candidate with these turned scores is given up."""
        return drops(scores, self.target, sd)

    def is_near(self, scores: Sequence[float], attempt: int, sd: float, items: int) -> bool:
        """Whether these turned scores on `items` items are good enough for this attempt's nomination."""
        step = self.metric.resolution(items)
        return mean(scores) >= nomination_threshold(attempt, self.target, sd, self.bound, step)

    def merit(self, scores: Sequence[float]) -> float:
        """How far the mean of turned scores is beyond the target, in prior standard deviations."""
        return (mean(scores) - self.target) / self.prior_sd


def aims_of(objective: Objective, baseline: BaselineStatus | None = None) -> tuple[Aim, ...]:
    """The objective's own target first, then the further ones.

    Raises:
        ValueError: an improvement over a baseline that is not known yet.
    """
    metric = METRICS[objective.metric]
    over, wanted = None, objective.target
    if objective.improvement is not None and baseline is not None:
        factor = relative_factor(objective.improvement.by, metric.direction == "Minimize")
        over, wanted = (
            Baseline(Orientation(metric.direction).scores(baseline.scores), factor),
            baseline.target,
        )
    if wanted is None:
        raise ValueError("the target follows from a baseline that is not known yet")
    first = Aim(metric, wanted, objective.prior_sd, over)
    others = (Aim(METRICS[each.metric], each.target, each.prior_sd, first=False) for each in objective.also)
    return (first, *others)


def limits_of(spec: GoalSpec) -> tuple[Aim, ...]:
    """What is bounded and not searched for: the latency, which is measured in confirmations alone.

    It is a time, so another one every time: were it to choose candidates, no search would come out twice.
    """
    return tuple(
        Aim(LATENCY, bound.max, prior_sd=bound.max, first=False, of_items=False) for bound in spec.latencies
    )


def merit(aims: Sequence[Aim], scores: Sequence[Sequence[float]]) -> float:
    """The merit by which candidates are ranked: that of the target that is farthest from being reached."""
    return min(aim.merit(own) for aim, own in zip(aims, scores, strict=True))
