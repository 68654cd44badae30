"""What `quick_evaluate_once` answers: plain values, for people and as JSON."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from seedbed_runner.contract.records import ClassScores
from seedbed_runner.quick.config import QuickEvalConfig

if TYPE_CHECKING:
    from seedbed_runner.costs import Costs
    from seedbed_runner.quick.fixed_test import Summary


@dataclass(frozen=True)
class SeedResult:
    """One seed: every metric on the validation split, or why there is none."""

    seed: int
    metrics: dict[str, float] = field(default_factory=dict)
    train_seconds: float = 0.0
    diverged: bool = False
    failure: str | None = None


@dataclass(frozen=True)
class QuickEvalResult:
    """What the seeds say.

    Attributes:
        aggregated: a `Summary` (mean, std, ci_95, n, values) of every metric, such as `val_accuracy`.
        metric: the one that the target is about.
        goal_achieved: whether the one-sided 95 % bound of the metric's mean, over this fixed number of seeds,
            reaches the target; None without a target or with a single seed.
        statement: that in words.
        lower_bound: the bound; for a metric that is to be small, the upper one.
        seeds: every seed by itself.
        parameters: trainable ones.
        validation_items: how many rows were scored.
        costs: of the first seed's model, if `measure_costs`: arithmetic, latency, throughput.
        peak_memory_bytes: the largest resident size, of this process or of one that it forked.
        workers: how many seeds ran at once.
        seconds: of the whole evaluation.
        fingerprint: what the bits depend on.
        by_class: how well each class is told from the others, over the rows of all seeds together; of the 50
            with the least F1 where there are more. Empty for a regression, as the next.
        mistakes: (true class, predicted class, rows) of the ten commonest, over all seeds.
        class_names: one a class, or none.
    """

    aggregated: "dict[str, Summary]"
    goal_achieved: bool | None
    statement: str
    lower_bound: float | None
    seeds: tuple[SeedResult, ...]
    parameters: int
    validation_items: int
    seconds: float
    config: QuickEvalConfig
    fingerprint: dict[str, str]
    metric: str = "accuracy"
    costs: "Costs | None" = None
    peak_memory_bytes: int = 0
    workers: int = 1
    by_class: tuple[ClassScores, ...] = ()
    mistakes: tuple[tuple[int, int, int], ...] = ()
    class_names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)
