"""What a goal that was not achieved lacked, a sentence an attempt: called by `advice`.

A plan for another goal, and said to be one: a failed attempt's mean and sd are estimates themselves, and no
sentence here claims anything. Where nothing was nominated, it is the distance from a nomination.
"""

from seedbed.api import ResearchGoal
from seedbed.api.progress import Attempt, Best, DatasetStatus
from seedbed.engine.aims import aims_of
from seedbed.engine.claims import looks, nomination_threshold
from seedbed.engine.orientation import Orientation
from seedbed.engine.power import WANTED, Shortfall, shortfall
from seedbed.report.text import count, score
from seedbed_runner.contract.metrics import METRICS

_CHANCE = f"with a chance of {WANTED:.2f}"


def missing(goal: ResearchGoal) -> list[str]:
    """What each failed attempt lacked, or how far the best candidate was from an attempt."""
    status = goal.status
    if status.dataset is None or not goal.objective.plain:
        return []
    if status.attempts and goal.spec.latencies:
        return []  # what is known of power is of one target
    if status.attempts:
        failed = [each for each in status.attempts if each.reason in ("Futile", "NotReached")]
        return [_attempt_lacked(goal, status.dataset, each) for each in failed]
    return _nomination_lacked(goal, status.dataset, status.best) if status.best else []


def _attempt_lacked(goal: ResearchGoal, data: DatasetStatus, attempt: Attempt) -> str:
    objective, seeds = goal.objective, goal.spec.seeds
    view, resolution = Orientation(objective.direction), METRICS[objective.metric].resolution
    found = shortfall(
        view.scores(attempt.scores), view.inward(attempt.target), attempt.attempt, objective.confidence,
        resolution(data.sizes["test"]), seeds.confirm,
    )  # fmt: skip
    side = "beyond" if found.margin > 0 else "short of"
    mean = f"its mean is {abs(found.margin):.4f} {side} the target, its sd {found.sd:.4f}"
    shown = f"{looks(seeds.confirm)[-1]} seeds show a margin of {found.needed_margin:.4f} {_CHANCE}"
    return f"A plan, no claim, after attempt {attempt.attempt}: {mean}; {shown}, {_seeds(found)}."


def _seeds(found: Shortfall) -> str:
    """What it would take at the margin that was there."""
    if found.margin <= 0:
        return "and no number of seeds shows a mean that is not beyond it"
    if found.needed_seeds is None:
        return "and its own margin would need more than 100,000"
    return f"and its own margin would need {count(found.needed_seeds, 'seed')} at a single look"


def _nomination_lacked(goal: ResearchGoal, data: DatasetStatus, best: Best) -> list[str]:
    """σ̂ is the one that the best candidate was judged by."""
    objective, metric = goal.objective, METRICS[goal.objective.metric]
    (aim,), seen = aims_of(objective), max(0, best.index - goal.spec.budget.parallel)
    view, resolution = aim.view, metric.resolution(data.sizes["validation"])
    sd = aim.spread(goal.status.experiments[:seen])
    threshold = nomination_threshold(1, aim.target, sd, aim.bound, resolution)
    lacked = threshold - view.inward(best.mean)
    if lacked <= 0:
        return ["That was enough for a nomination; the table of experiments says what kept it from one."]
    asked = f"a validation mean of {score(view.inward(threshold))} (sd over seeds taken as {sd:.4f})"
    return [f"A nomination asked for {asked}: it was {lacked:.4f} short of that."]
