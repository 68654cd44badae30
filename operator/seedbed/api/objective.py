"""`spec.objective`: what must be reached, by which metric, and with which test it is claimed."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from seedbed.api.common import Model, Name
from seedbed_runner.contract.metrics import METRICS, Direction, Metric


def known_metric(name: str) -> str:
    """The name of a metric.

    Raises:
        ValueError: there is no such metric.
    """
    if name not in METRICS:
        raise ValueError(f"{name!r} is no metric; there are: {', '.join(METRICS)}")
    return name


MetricName = Annotated[
    str, Field(max_length=64, json_schema_extra={"enum": list(METRICS)}), AfterValidator(known_metric)
]
PriorSd = Annotated[
    float,
    Field(
        gt=0,
        le=1e9,
        description="Standard deviation over seeds that is assumed until enough runs tell it; in the "
        "metric's own unit, so give one for rmse and mae.",
    ),
]


HIGHEST = 1.0  # the bound of every metric that is to be maximized


def required(named: str | None) -> str:
    """The metric that is named.

    Raises:
        ValueError: none is, and the data's own is not filled in.
    """
    if named is None:
        raise ValueError("`metric` is left out, and the data's own is not known before they are prepared")
    return named


def _percent_hint(target: float) -> str:
    return f"; did you mean {target / 100:g}?" if 10 <= target <= 100 else ""


def _within_bounds(metric: Metric, target: float) -> None:
    low, high = sorted((metric.worst, metric.bound))
    if low <= target <= high:
        return
    hint = _percent_hint(target) if high == HIGHEST else ""
    if math.isinf(low) or math.isinf(high):
        side, end = ("at most", high) if math.isinf(low) else ("at least", low)
        raise ValueError(f"`target` is {target:g} but {metric.name} must be {side} {end:g}{hint}")
    raise ValueError(f"`target` is {target:g} but {metric.name} must be in [{low:g}, {high:g}]{hint}")


class FurtherTarget(Model):
    """A further metric that must reach a target of its own, at the same look."""

    metric: MetricName
    target: float
    prior_sd: PriorSd = 0.01

    @model_validator(mode="after")
    def _reachable(self) -> "FurtherTarget":
        _within_bounds(METRICS[self.metric], self.target)
        return self


class Improvement(Model):
    """How much better than a baseline, an Experiment on the same data with 10 test scores or more.

    Its scores are frozen when the search begins.
    """

    over: Name = Field(description="Name of the baseline, an Experiment with purpose Confirm.")
    by: Annotated[float, Field(ge=0, le=10)] = Field(
        description="Relative: 0.02 asks for 2 % more than the baseline's mean (2 % less for Minimize)."
    )


class Objective(Model):
    """What must be reached, and with which confidence it is claimed."""

    named_metric: MetricName | None = Field(
        default=None, alias="metric", description="If left out, the data's own."
    )
    direction: Direction = "Maximize"
    target: float | None = Field(default=None, description="What the mean must reach; or `improvement`.")
    improvement: Improvement | None = None
    also: Annotated[list[FurtherTarget], Field(max_length=3)] = Field(
        default_factory=list, description="Further targets: all must be reached at the same look."
    )
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    estimand: Literal["Benchmark", "Population"] = Field(
        default="Benchmark",
        description="Benchmark: the mean over training randomness on this split of the data. "
        "Population: the same on new items too, of which the test split is a sample.",
    )
    test: Literal["Mean", "Reliability"] = Field(
        default="Mean",
        description="Mean: the mean over seeds reaches the target. "
        "Reliability: a share of at least `rate` of all seeds does, each by itself.",
    )
    rate: Annotated[float, Field(ge=0.5, le=0.99)] = Field(
        default=0.9, description="Reliability: the share of seeds."
    )
    prior_sd: PriorSd = 0.01
    ceiling: float | None = Field(
        default=None, description="No model can be better than this (label noise): a mean beyond it blocks."
    )

    @property
    def metric(self) -> str:
        """The metric's name.

        Raises:
            ValueError: none is named, and the data's own is not known yet.
        """
        return required(self.named_metric)

    def by(self, own: str) -> "Objective":
        """The same by the metric that it names, or else by the data's `own`, known with their card.

        Raises:
            ValueError: target, direction, ceiling or further targets don't go with that metric.
        """
        if self.named_metric is not None:
            return self
        found = self.model_copy(update={"named_metric": own})
        found._fits(METRICS[own])
        return found

    @property
    def plain(self) -> bool:
        """Whether it is one target of a mean on this split: what power is known of."""
        alone = not self.also and self.improvement is None
        return alone and self.test == "Mean" and self.estimand == "Benchmark"

    @model_validator(mode="after")
    def _makes_sense(self) -> "Objective":
        if self.named_metric is None:
            self._fits_some()
        else:
            self._fits(METRICS[self.named_metric])
        self._compatible()
        return self

    def _fits(self, metric: Metric) -> None:
        """What a metric asks of the other fields."""
        self._has_direction_of(metric)
        self._has_one_target()
        if self.target is not None:
            _within_bounds(metric, self.target)
        self._names_others(metric)
        self._below_the_ceiling(metric)

    def _fits_some(self) -> None:
        """What can be told before the metric is known: none that is to be maximized exceeds 1."""
        self._has_one_target()
        if self.direction == "Maximize" and self.target is not None and self.target > HIGHEST:
            raise ValueError(f"`target` is {self.target:g} but must be at most 1{_percent_hint(self.target)}")
        self._names_others(None)

    def _has_one_target(self) -> None:
        if (self.target is None) == (self.improvement is None):
            raise ValueError("give exactly one of target and improvement")

    def _has_direction_of(self, metric: Metric) -> None:
        if self.direction != metric.direction:
            raise ValueError(
                f"`direction` is {self.direction} but a better {metric.name} is "
                f"{'larger' if metric.direction == 'Maximize' else 'smaller'}: write {metric.direction}"
            )

    def _names_others(self, metric: Metric | None) -> None:
        names = [each.metric for each in self.also] + ([metric.name] if metric else [])
        if len(set(names)) < len(names):
            raise ValueError("`also` is to name further metrics, each once, and not that of the objective")

    def _compatible(self) -> None:
        """What has no test that is right."""
        if self.test == "Reliability" and self.estimand == "Population":
            raise ValueError(
                "`test` is Reliability, which speaks of seeds on this split: the estimand must be Benchmark"
            )
        if self.improvement is not None and (self.test == "Reliability" or self.estimand == "Population"):
            raise ValueError(
                "`improvement` is a difference of means on this split: write test: Mean, estimand: Benchmark"
            )

    def _below_the_ceiling(self, metric: Metric) -> None:
        if self.ceiling is None:
            return
        if not metric.counts_items:
            raise ValueError(
                f"`ceiling` is for metrics that count items, which {metric.name} does not: leave it out"
            )
        least = metric.worst if self.target is None else self.target
        if not least <= self.ceiling <= metric.bound:
            raise ValueError(
                f"`ceiling` is {self.ceiling:g} but no goal can be reached unless it is in "
                f"[{least:g}, {metric.bound:g}], from the target to the metric's bound"
            )
