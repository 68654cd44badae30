"""The metrics that a goal can name: bound, resolution, chance, and when a run counts as diverged.

The numbers are computed in `seedbed_runner.metrics`; what the statistics need to know of them is here.
"""

import math
from dataclasses import dataclass
from typing import Literal

Direction = Literal["Maximize", "Minimize"]


@dataclass(frozen=True)
class Metric:
    """One metric of classification.

    Attributes:
        name: as in a manifest's `spec.objective.metric`.
        title: as in a report.
        direction: whether a better value is larger or smaller.
        bound: the best possible value.
        worst: the worst possible value.
        by_class: it follows from the predicted classes, however sure the model was.
        divergence_margin: a run that beats chance by no more than this has diverged.
    """

    name: str
    title: str
    direction: Direction = "Maximize"
    bound: float = 1.0
    worst: float = 0.0
    divergence_margin: float = 0.02
    by_class: bool = True

    def resolution(self, items: int) -> float:
        """The smallest step that the score can take on `items` evaluation items (1/M for accuracy).

        Class-averaged metrics move in steps that depend on the classes' sizes and are no finer than this
        for one item of an average class. Log loss has no steps: one item judged a nat worse moves it by this.
        """
        return 1.0 / items

    def diverged(self, score: float, chance: float) -> bool:
        """Whether a run with this score has learnt nothing, `chance` being the score of one that can't."""
        if self.direction == "Maximize":
            return score <= chance + self.divergence_margin
        return score >= chance - self.divergence_margin

    def reaches(self, score: float, target: float) -> bool:
        """Whether a score is at least as good as a target."""
        return score >= target if self.direction == "Maximize" else score <= target


LEAST_PROBABILITY = 2.0**-52  # of a class; keeps one item's log loss finite

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "Accuracy"),
        Metric("balanced_accuracy", "Balanced accuracy"),
        Metric("f1_macro", "F1 (macro)"),
        Metric(
            "log_loss", "Log loss", "Minimize", bound=0.0, worst=-math.log(LEAST_PROBABILITY), by_class=False
        ),
    )
}
