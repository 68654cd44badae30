"""Reads the data, keeps the validation split's labels, and scores: the half of an evaluation without torch.

`training` gets rows to train on and rows to predict; what it predicts of them comes back here.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner import metrics
from seedbed_runner.contract.metrics import DEFAULT_METRIC, METRICS, Metric
from seedbed_runner.data import Source, load
from seedbed_runner.errors import BadInput
from seedbed_runner.quick.config import QuickEvalConfig
from seedbed_runner.quick.fixed_test import lower_bound, summarise
from seedbed_runner.quick.halves import Rows
from seedbed_runner.quick.result import SeedResult
from seedbed_runner.split import Division, divide

_MISTAKES = 10  # that are told


class Judge:
    """Of one configuration; its methods are those of `Judging`."""

    def __init__(self, config: QuickEvalConfig) -> None:
        """Load and divide the data.

        Raises:
            BadInput: they can't be had, or have no value of the metric.
        """
        self._config = config
        self._source = load(config.data())
        self._divided = divide(self._source, config.data()["split"])
        self._labels = self._divided.labels["validation"]
        self._metric = METRICS[_metric(config, self._source, self._divided)]
        self._by_chance = metrics.chance(self._labels)
        self._predicted: list[NDArray[np.int64]] = []

    def rows(self) -> Rows:
        """What to train on, and what to predict."""
        divided, labels = self._divided, self._divided.labels["train"]
        rows: Any = slice(None)
        if self._config.subset_size is not None and self._config.subset_size < len(labels):
            order = np.random.default_rng(self._config.data()["split"]["seed"]).permutation(len(labels))
            rows = np.sort(order[: self._config.subset_size])
        return Rows(
            self._source.kind, self._source.classes, divided.vocabulary, divided.inputs["train"][rows],
            labels[rows], divided.inputs["validation"], divided.scaling, divided.target,
        )  # fmt: skip

    def score(self, seed: int, predicted: NDArray[np.float32], seconds: float) -> SeedResult:
        """One seed's metrics."""
        values = metrics.compute(self._labels, predicted)
        if self._source.task == "classification":
            self._predicted.append(predicted.argmax(axis=1))
        diverged = metrics.diverged(values, self._metric.name, self._by_chance)
        return SeedResult(seed, values, seconds, diverged)

    def conclude(self, results: list[SeedResult]) -> dict[str, Any]:
        """The fields of `QuickEvalResult` that follow from the scores of all seeds."""
        scored, metric, items = (
            [each for each in results if not each.failure],
            self._metric,
            len(self._labels),
        )
        aggregated = {
            f"val_{name}": summarise([result.metrics[name] for result in scored])
            for name in scored[0].metrics
        }
        sign = 1 if metric.direction == "Maximize" else -1
        values = [sign * value for value in aggregated[f"val_{metric.name}"]["values"]]
        turned = lower_bound(values, metric.resolution(items))
        bound = None if turned is None else sign * turned
        achieved, wanted = None, self._config.wanted
        if wanted is not None and (bound is not None or len(scored) < len(results)):
            reached = bound is not None and metric.reaches(bound, wanted)
            achieved = len(scored) == len(results) and reached
        return {
            "aggregated": aggregated,
            "goal_achieved": achieved,
            "statement": _statement(wanted, metric, results, bound, achieved),
            "lower_bound": bound,
            "metric": metric.name,
            "validation_items": items,
            **self._told_apart(),
        }

    def _told_apart(self) -> dict[str, Any]:
        """How well the classes are told apart, over the rows of all seeds together."""
        if not self._predicted:
            return {}
        labels = np.tile(self._labels.astype(np.int64), len(self._predicted))
        taken = np.concatenate(self._predicted)
        return {
            "by_class": tuple(metrics.by_class(labels, taken, self._source.classes)),
            "mistakes": tuple(
                (each.label, each.predicted, each.rows)
                for each in metrics.mistakes(labels, taken, self._source.classes)[:_MISTAKES]
            ),
            "class_names": tuple(self._source.class_names),
        }


def _metric(config: QuickEvalConfig, source: Source, divided: Division) -> str:
    """The metric that a target is about.

    Raises:
        BadInput: these data have no value of it.
    """
    own = "accuracy" if config.target_accuracy is not None else source.metric
    name = config.metric or own or DEFAULT_METRIC[source.task]
    if METRICS[name].task != source.task:
        others = ", ".join(other for other, metric in METRICS.items() if metric.task == source.task)
        raise BadInput(f"{name} is a metric of {METRICS[name].task}, these data are for one of: {others}")
    refused = metrics.refusals({"validation": divided.labels["validation"]}, source.classes)
    if name in refused:
        raise BadInput(refused[name])
    return name


def _statement(
    target: float | None,
    metric: Metric,
    results: list[SeedResult],
    bound: float | None,
    achieved: bool | None,
) -> str:
    """What the test says, in a sentence that can't be mistaken for a claim after a search."""
    failed = [result.seed for result in results if result.failure]
    if target is None:
        return "no target was given, so nothing is tested"
    if failed:
        return f"not achieved: seed {failed[0]} failed ({len(failed)} of {len(results)} seeds did)"
    if bound is None:
        return "one seed can't tell a mean: run at least 2, better 5"
    verb = "reaches" if achieved else "does not reach"
    side = "lower" if metric.direction == "Maximize" else "upper"
    return (
        f"one test with {len(results)} seeds fixed beforehand: the 95 % {side} bound of the mean validation "
        f"{metric.name.replace('_', ' ')}, {bound:.4f}, {verb} {target:g}; not a claim after a search"
    )
