"""The metrics that a goal can name: bound, resolution, chance, and when a run counts as diverged.

The numbers are computed in `seedbed_runner.metrics`; what the statistics need to know of them is here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """One metric of classification; higher is better.

    Attributes:
        name: as in a manifest's `spec.objective.metric`.
        title: as in a report.
        bound: the best possible value.
        worst: the worst possible value.
        divergence_margin: a score at or below chance + margin is a diverged run.
    """

    name: str
    title: str
    bound: float = 1.0
    worst: float = 0.0
    divergence_margin: float = 0.02

    def resolution(self, items: int) -> float:
        """The smallest step that the score can take on `items` evaluation items (1/M for accuracy).

        Class-averaged metrics move in steps that depend on the classes' sizes and are no finer than this
        for one item of an average class.
        """
        return 1.0 / items


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "Accuracy"),
        Metric("balanced_accuracy", "Balanced accuracy"),
        Metric("f1_macro", "F1 (macro)"),
    )
}
