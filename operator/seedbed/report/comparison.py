"""Experiments beside each other, from their recorded runs: what may be compared, and what comes of it.

Called by `research-agent compare`, which reads the records. Two experiments are compared only where their
scores mean the same: one metric, one split, one content of the data. Everything here is an estimate outside
of any goal, never a claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from seedbed.api import Experiment
from seedbed.engine.comparison import Comparison, compare_all
from seedbed.engine.intervals import Interval, mean, sample_sd, t_interval
from seedbed.engine.orientation import Orientation
from seedbed.errors import InvalidInput
from seedbed.report.text import count
from seedbed_runner.contract.metrics import METRICS, Metric
from seedbed_runner.contract.records import RunResult

Finding = Literal["Better", "Worse", "NotTold", "TooFew"]


@dataclass(frozen=True)
class Sample:
    """The recorded scores of one experiment, in the order of their seeds.

    Attributes:
        goal: the goal that made it; None: it stands alone.
        purpose: Explore or Confirm.
        items: of the scored split.
        diverged: how many of the scores are at chance.
        unscored: seeds whose run failed; they are in no number.
    """

    name: str
    goal: str | None
    purpose: str
    metric: str
    split: str
    data_hash: str
    items: int
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    diverged: int
    unscored: int

    @property
    def mean(self) -> float:
        """Over all seeds, diverged ones included."""
        return mean(self.scores)

    @property
    def sd(self) -> float:
        """Over all seeds."""
        return sample_sd(self.scores)


@dataclass(frozen=True)
class SideBySide:
    """Samples and what came of comparing them, in the metric's better direction: up is better."""

    metric: Metric
    samples: tuple[Sample, ...]
    comparisons: tuple[Comparison, ...]
    confidence: float
    paired: bool

    def interval_of(self, sample: Sample) -> Interval:
        """The t interval of a sample's mean, over all of its seeds as in the comparisons."""
        found = t_interval(sample.scores, self.confidence)
        assert found is not None  # every sample has two scores or more
        return found


def orientation(metric: Metric) -> Orientation:
    """Which of two values of a metric is better: the only place where it is decided here."""
    return Orientation(metric.direction)


def sample_of(experiment: Experiment, results: Sequence[RunResult]) -> Sample:
    """What the records of an experiment's runs hold.

    Raises:
        InvalidInput: fewer than two runs have a score.
    """
    name, spec = experiment.metadata.name, experiment.spec
    scored = sorted((each for each in results if each.score is not None), key=lambda each: each.seed)
    if len(scored) < 2:
        raise InvalidInput(
            f"{name} has {count(len(scored), 'scored seed')} on record, but a comparison needs 2 or more"
        )
    first = scored[0]
    return Sample(
        name=name,
        goal=spec.goal,
        purpose=spec.purpose,
        metric=first.metric,
        split=first.split,
        data_hash=first.data_hash,
        items=first.items,
        seeds=tuple(each.seed for each in scored),
        scores=tuple(each.score for each in scored if each.score is not None),
        diverged=sum(each.diverged for each in scored),
        unscored=len(results) - len(scored),
    )


def side_by_side(
    samples: Sequence[Sample], *, paired: bool, confidence: float, all_pairs: bool = False
) -> SideBySide:
    """Compare every later sample with the first one, or every pair.

    Raises:
        InvalidInput: two samples differ in metric, split or data, or in their seeds where `paired`.
    """
    for one, other in pairwise(samples):
        if problem := _difference(one, other, paired):
            raise InvalidInput(problem)
    metric = METRICS[samples[0].metric]
    inward = {each.name: orientation(metric).scores(each.scores) for each in samples}
    found = compare_all(
        inward,
        resolution=metric.resolution(samples[0].items),
        reference=None if all_pairs else samples[0].name,
        paired=paired,
        confidence=confidence,
    )
    return SideBySide(metric, tuple(samples), tuple(found), confidence, paired)


def _difference(one: Sample, other: Sample, paired: bool) -> str | None:
    """Why two samples can't be compared."""
    for what, mine, theirs in (
        ("metric", one.metric, other.metric),
        ("split", one.split, other.split),
        ("data hash", one.data_hash, other.data_hash),
    ):
        if mine != theirs:
            return (
                f"{one.name} has the {what} {mine[:19]} but {other.name} has {theirs[:19]}: only scores "
                f"of one {what} can be compared"
            )
    if paired and one.seeds != other.seeds:
        shared = len(set(one.seeds) & set(other.seeds))
        return (
            f"`--paired` needs the same seeds, but {one.name} has {len(one.seeds)} and {other.name} "
            f"{len(other.seeds)}, of which {shared} are the same: compare them without it"
        )
    return None


def finding(comparison: Comparison, confidence: float) -> Finding:
    """What may be said of B against A: by Holm's p where there are several, nothing at two seeds."""
    if min(comparison.n_a, comparison.n_b) < 3:
        return "TooFew"
    if comparison.p_adjusted > 1 - confidence:
        return "NotTold"
    return "Better" if comparison.difference.value > 0 else "Worse"
