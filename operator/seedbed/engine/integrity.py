"""The integrity verdict's rules: what a candidate's control runs and its scores say, as typed findings.

**The control** trains the candidate's configuration on permuted train labels. What it predicts then is
independent of the truth, so it scores at chance: at most the share of the most frequent class for accuracy,
1/K for averages over K classes (for F1 since 2pq/(p+q) ≤ (p+q)/2, whose mean over the classes is at most
1/K), at most 0 for a regression's R². A single item's score is then a coin's throw, but items are not thrown
apart: a smooth model that calls a whole cluster by one name has all of it right or wrong together, and its
score scatters far beyond a binomial. Hence two steps and not one:

1. Above the one-sided .001 binomial bound, a control is not at chance: `AboveChance`, shown.
2. `Leak`, which blocks, needs more: both runs of an antithetic pair (`seedbed_runner.control`) above the
   bound, and above chance by more than a quarter of the candidate's own advantage over it. A leak is there in
   both; what luck lends in one, the other takes. The second is run only when the first was suspicious.

Measured on 252 pairs (3 proposals × 12 pairs on digits, wine, iris, breast_cancer and synthetic data of 2
classes in 2 and in 16 dimensions and of 5 classes): 6 first runs were suspicious (4 of them in 2 dimensions,
up to .80 where chance is .5), and no pair was a leak: at most 1.2 % of honest candidates (95 %) are blocked.

**Impossible** is a mean beyond what no model can exceed by more than a binomial's 1e-4 bound at the split's
size. Seeds share the items, so the mean over seeds is held to the bound of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from scipy import stats

from seedbed.api import Experiment
from seedbed.api.integrity import CONTROL_RUNS, Finding, FindingType
from seedbed.api.objective import Objective
from seedbed.engine.confirmation import ASSURED
from seedbed_runner.contract.metrics import DEFAULT_METRIC, METRICS
from seedbed_runner.contract.records import Card

ABOVE_CHANCE = 1e-3
BEYOND_CEILING = 1e-4
LEAKED_SHARE = 0.25
DUPLICATE_SHARE = 0.01  # of the test split


def unsealed(exploration: Experiment | None) -> Finding | None:
    """The finding that a candidate's own code ran where nothing sealed it in; its confirmation would too."""
    assurance = exploration.status.assurance if exploration else None
    if assurance is None or assurance in ASSURED:
        return None
    # Short: up to 200 lines of a goal's status say it.
    return blocking("Unsealed", f"its code ran unsealed (assurance {assurance})")


def redrawable(exploration: Experiment | None) -> Finding | None:
    """The finding that a candidate's code can draw the data itself, labels and all: no seal is in its way.

    The generator of synthetic data is public. Its control would not tell: such code sees by the train labels
    that they are permuted.
    """
    if exploration is None or exploration.spec.model.source is None:
        return None
    drawn = exploration.spec.dataset.synthetic
    if drawn is None or not drawn.guessable:
        return None
    return blocking("Redrawable", "its code can draw the synthetic labels itself: their seed is below 2^48")


def control_metric(metric: str) -> str:
    """What a control is scored by: the goal's metric, if chance alone bounds it, else accuracy or R²."""
    known = METRICS[metric]
    return metric if known.counts_items else DEFAULT_METRIC[known.task]


def chance(metric: str, card: Card) -> float:
    """The most that predictions independent of the validation labels are expected to score."""
    if METRICS[metric].task == "regression":
        return 0.0
    return card.chance if metric == "accuracy" else card.baselines["majority"]["balanced_accuracy"]


def highest(metric: str, expected: float, card: Card, split: str, probability: float) -> float:
    """The score that binomial luck exceeds with at most `probability`, where `expected` is its expectation.

    Averages over classes weigh an item of a rare class more, up to `imbalance` times: they are held to the
    bound of so many times fewer items. For R², whose expectation is 0, it is the square of the correlation
    that independent values reach: a prediction with correlation r has an R² of at most r².
    """
    items = card.sizes[split]
    if METRICS[metric].task == "regression":
        return float(stats.norm.isf(probability)) ** 2 / items
    if metric != "accuracy":
        items = max(1, int(items / card.imbalance))
    return float(stats.binom.isf(probability, items, expected)) / items


@dataclass(frozen=True)
class Control:
    """Where a control stands: `open` of its seeds may run; when it is `over`, what it found."""

    open: int
    over: bool = False
    scores: list[float] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def judge_control(experiment: Experiment | None, mean: float, metric: str, card: Card) -> Control:
    """Judge control runs in the order of their seeds.

    Args:
        experiment: the control's; None before it is made.
        mean: the candidate's own, on the validation split; where the goal's metric is not the control's, the
            linear baseline's stands in for it, which asks for less of a leak.
        metric: the goal's.
        card: of the data.
    """
    if (own := control_metric(metric)) != metric:
        metric, mean = own, card.baselines["linear"][own]
    level = chance(metric, card)
    bound = highest(metric, level, card, "validation", ABOVE_CHANCE)
    suspicious = max(bound, level + LEAKED_SHARE * (mean - level))
    runs = {run.seed: run for run in experiment.status.runs} if experiment else {}
    scores: list[float] = []
    for position, seed in enumerate(experiment.spec.seeds if experiment else [0]):
        run = runs.get(seed)
        if run is None or not run.ended:
            return Control(position + 1, scores=scores)
        if run.phase != "Scored" or run.score is None:
            why = f"{run.reason}: {run.message}"
            return Control(position + 1, True, scores, [_without_score(run.phase == "Failed", why)])
        scores.append(run.score)
        if run.unsound is not None:
            finding = blocking("Unsound", f"the control's record contradicts itself: {run.unsound}")
            return Control(position + 1, True, scores, [finding])
        if run.score <= suspicious:
            break
    return Control(len(scores), True, scores, _scored(scores, mean, level, bound, suspicious))


def _without_score(failed: bool, why: str) -> Finding:
    if failed:
        return shown("ControlFailed", f"trained on permuted labels, the model failed: {why}")
    return blocking("ControlMissing", f"the control could not be run: {why}")


def _scored(
    scores: Sequence[float], mean: float, level: float, bound: float, suspicious: float
) -> list[Finding]:
    highest_score = max(scores)
    if highest_score <= bound:
        return []
    numbers = {"score": highest_score, "chance": level, "bound": bound, "mean": mean, "runs": len(scores)}
    lowest = min(scores)
    if len(scores) == CONTROL_RUNS and lowest > suspicious:
        words = (
            f"trained on permuted labels it still scores {lowest:.4f} or more in {len(scores)} of "
            f"{len(scores)} runs; chance is {level:.4f}: it knows labels that it was not given"
        )
        return [blocking("Leak", words, numbers | {"score": lowest})]
    words = (
        f"trained on permuted labels it scores up to {highest_score:.4f}, above the {bound:.4f} of plain "
        f"chance; {len(scores)} run(s), no leak"
    )
    return [shown("AboveChance", words, numbers)]


def ceiling_of(objective: Objective, metric: str, card: Card) -> float | None:
    """What no model can exceed, as the manifest and the data's card declare it; the lower of the two."""
    own = objective.ceiling if metric == objective.metric else None
    declared = [] if own is None else [own]
    if metric == "accuracy" and card.bayes_accuracy is not None:
        declared.append(card.bayes_accuracy)
    return min(declared, default=None)


def impossible(
    mean: float, objective: Objective, card: Card, split: Literal["validation", "test"]
) -> Finding | None:
    """The finding that a mean on `split` is better than any model's can be; None if it is not."""
    ceiling = ceiling_of(objective, objective.metric, card)
    if ceiling is None:
        return None
    bound = highest(objective.metric, ceiling, card, split, BEYOND_CEILING)
    if mean <= bound:
        return None
    words = (
        f"its {split} mean {mean:.4f} is impossible: no model can be better than {ceiling:g}, and luck on "
        f"{card.sizes[split]} items reaches {bound:.4f}"
    )
    return blocking("Impossible", words, {"mean": mean, "ceiling": ceiling, "bound": bound})


def duplicates(card: Card) -> list[Finding]:
    """What rows that two splits share mean to a reader; none, or one finding that is shown."""
    found = {pair.replace("_", " and "): rows for pair, rows in card.overlap.items() if rows}
    if not found:
        return []
    words = "; ".join(f"{rows} in both {pair}" for pair, rows in found.items())
    numbers = {pair: float(rows) for pair, rows in card.overlap.items() if rows}
    return [shown("Duplicates", f"equal rows: {words}", numbers)]


def duplicates_problem(card: Card) -> str | None:
    """Why no claim can be made on these data: a sentence, or None."""
    rows, test = card.overlap.get("train_test", 0), card.sizes["test"]
    if rows <= DUPLICATE_SHARE * test:
        return None
    return (
        f"{rows} of {test} test rows are in the train split too, more than {DUPLICATE_SHARE:.0%}: a model "
        "may know them by heart; remove them from one of the two"
    )


def shown(kind: FindingType, message: str, numbers: dict[str, float] | None = None) -> Finding:
    """A finding for the reader to judge."""
    return Finding(type=kind, severity="Shown", message=message[:240], numbers=numbers or {})


def blocking(kind: FindingType, message: str, numbers: dict[str, float] | None = None) -> Finding:
    """A finding that keeps the candidate from a claim."""
    return Finding(type=kind, severity="Blocks", message=message[:240], numbers=numbers or {})
