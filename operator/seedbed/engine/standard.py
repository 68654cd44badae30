"""By which test an attempt is judged: what the manifest's objective asks for, and the test split allows.

One `Standard` holds for all attempts of a goal. It says how many seeds an attempt may need, how many of them
may run before they are looked at, and what the seeds that are there decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed.api import GoalSpec
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import BaselineStatus, Look, Looked, OtherLook, Reliability
from seedbed.engine import claims, claims_sources
from seedbed.engine.aims import Aim, aims_of, limits_of
from seedbed.engine.claims import LookResult, attempt_alpha, looks
from seedbed.engine.claims_joint import JointLook, confirm_joint
from seedbed.engine.claims_population import item_source
from seedbed.engine.claims_relative import baseline_source
from seedbed.engine.claims_reliability import confirm_reliability, reliability_seeds
from seedbed.engine.claims_sources import Source
from seedbed.engine.intervals import Interval

FIRST_GATE = 4  # seeds of a reliability that may run at once; the next gate doubles it


@dataclass(frozen=True)
class Judged:
    """What the seeds that are there decide; `used` of them were looked at."""

    looks: list[Look]
    reliability: Reliability | None
    used: int
    decision: Literal["Achieved", "Futile", "Continue", "NotReached", "Missed"]


@dataclass(frozen=True)
class Standard:
    """The test of a goal's attempts.

    Attributes:
        spec: the goal.
        items: of the test split.
        aims: the targets, which the search is for.
        limits: what is bounded besides, and tested in confirmations alone.
    """

    spec: GoalSpec
    items: int
    aims: tuple[Aim, ...]
    limits: tuple[Aim, ...] = ()

    @classmethod
    def of(cls, spec: GoalSpec, items: int, baseline: BaselineStatus | None) -> "Standard":
        """The standard of a goal whose baseline, if it asks for one, is known."""
        return cls(spec, items, aims_of(spec.objective, baseline), limits_of(spec))

    @property
    def tested(self) -> tuple[Aim, ...]:
        """All that an attempt must reach."""
        return (*self.aims, *self.limits)

    def gates(self, attempt: int) -> tuple[int, ...]:
        """How many seeds, ascending, are waited for in turn."""
        if self.spec.objective.test == "Mean":
            return looks(self.spec.seeds.confirm)
        last, gates = seeds_of_attempt(self.spec, attempt), [FIRST_GATE]
        while gates[-1] < last:
            gates.append(2 * gates[-1])
        return (*gates[:-1], last)

    def judge(self, runs: Sequence[RunStatus], attempt: int) -> Judged:
        """Judge an attempt by its scored runs, which are in the order of their seeds from the first one."""
        alpha = attempt_alpha(attempt, self.spec.objective.confidence)
        if self.spec.objective.test == "Reliability":
            return self._reliably(runs, alpha)
        judges = [self._looking(aim, runs, alpha) for aim in self.tested]
        path = confirm_joint(judges, len(runs), looks(self.spec.seeds.confirm))
        if not path:
            return Judged([], None, 0, "Continue")
        return Judged([self._told(each) for each in path], None, path[-1].n, path[-1].decision)

    def _looking(self, aim: Aim, runs: Sequence[RunStatus], alpha: float) -> Callable[[int], LookResult]:
        """How one target judges the first n runs."""
        scores, step = turned(aim, runs), aim.metric.resolution(self.items)
        last = looks(self.spec.seeds.confirm)[-1]

        def judge(n: int) -> LookResult:
            if (other := self.second_source(aim, runs[:n])) is None:
                return claims.look(scores[:n], alpha, aim.target, step, last)
            return claims_sources.look(scores[:n], other, alpha, aim.target, step, last)

        return judge

    def second_source(self, aim: Aim, runs: Sequence[RunStatus]) -> Source | None:
        """The error that more seeds don't shrink: of a baseline, or of the sample of test items."""
        if aim.baseline is not None:
            step = aim.metric.resolution(self.items)
            return baseline_source(aim.baseline.scores, aim.baseline.factor, step)
        if self.spec.objective.estimand == "Benchmark" or not aim.of_items:
            return None
        scores = [aim.view.inward(score) for score in turned(aim, runs)]
        if aim.metric.name == "accuracy":
            return item_source(scores, self.items)
        return item_source(scores, self.items, [run.item_variances[aim.metric.name] for run in runs])

    def interval(self, runs: Sequence[RunStatus]) -> Interval:
        """The first target's interval that covers at every look at once, in the metric's own unit."""
        aim, confidence = self.aims[0], self.spec.objective.confidence
        scores, other = turned(aim, runs), self.second_source(aim, runs)
        if other is None:
            return aim.view.interval(claims.repeated_interval(scores, confidence))
        step = aim.metric.resolution(self.items)
        return aim.view.interval(claims_sources.repeated_interval(scores, other, step, confidence))

    def _told(self, joint: JointLook) -> Look:
        """A look as the status holds it, in the metrics' own units."""
        first, *others = zip(self.tested, joint.parts, strict=True)
        also = [
            OtherLook(
                metric=aim.metric.name, passed=part.decision == "Achieved", **_numbers(aim, part).model_dump()
            )
            for aim, part in others
        ]
        return Look(n=joint.n, decision=joint.decision, also=also, **_numbers(*first).model_dump())

    def _reliably(self, runs: Sequence[RunStatus], alpha: float) -> Judged:
        """Every target must be reached by every seed: the least margin of a seed is what must not be < 0."""
        columns = [[score - aim.target for score in turned(aim, runs)] for aim in self.tested]
        margins = [min(row) for row in zip(*columns, strict=True)]
        found = confirm_reliability(margins, alpha, 0.0, self.spec.objective.rate)
        aim = self.aims[0]
        own = turned(aim, runs[: found.used])
        told = Reliability(
            needed=found.needed, passed=found.passed, used=found.used, bound=found.bound,
            worst=aim.view.inward(min(own)) if own else None, decision=found.decision,
        )  # fmt: skip
        decisions: dict[str, Literal["Achieved", "Missed", "Continue"]] = {
            "Achieved": "Achieved", "Failed": "Missed", "Continue": "Continue",
        }  # fmt: skip
        return Judged([], told, found.used, decisions[found.decision])


def turned(aim: Aim, runs: Sequence[RunStatus]) -> tuple[float, ...]:
    """One target's scores of scored runs."""
    return tuple(score for run in runs if (score := aim.score(run)) is not None)


def _numbers(aim: Aim, part: LookResult) -> Looked:
    result = aim.view.look(part)
    return Looked(
        mean=result.mean, sd=result.sd, bound=result.bound, statistic=result.statistic,
        critical=result.critical,
    )  # fmt: skip


def seeds_of_attempt(spec: GoalSpec, attempt: int) -> int:
    """How many seeds an attempt may take; those of a reliability grow with every attempt."""
    if spec.objective.test == "Mean":
        return looks(spec.seeds.confirm)[-1]
    return reliability_seeds(attempt_alpha(attempt, spec.objective.confidence), spec.objective.rate)


def most_seeds(spec: GoalSpec) -> int:
    """How many seeds any attempt may take: what is reserved for one before it begins."""
    return spec.seeds.confirm if spec.objective.test == "Reliability" else looks(spec.seeds.confirm)[-1]


def seeds_problem(spec: GoalSpec, attempt: int = 1) -> str | None:
    """Why `seeds.confirm` is too small for an attempt: a sentence, or None."""
    needed, given, rate = seeds_of_attempt(spec, attempt), spec.seeds.confirm, spec.objective.rate
    if spec.objective.test == "Mean" or needed <= given:
        return None
    which = "one attempt" if attempt == 1 else f"attempt {attempt}"
    return (
        f"`seeds.confirm` is {given} but for a rate of {rate:g} {which} needs {needed} seeds that all reach "
        f"the target: raise it to {needed} or more (at most 100), or write a smaller `objective.rate`"
    )
