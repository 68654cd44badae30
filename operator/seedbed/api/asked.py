"""What a goal asks for, in words: the same in the terminal, in reports and in claims."""

from seedbed.api.goal import GoalSpec, ResearchGoal
from seedbed.api.objective import Objective
from seedbed_runner.contract.metrics import MEASURED

ESTIMANDS = {
    "Benchmark": "the mean over training randomness on this split of the data",
    "Population": "the mean over training randomness and over new items, of which the test split is a sample",
}


def estimand_in_words(objective: Objective) -> str:
    """What a claim on this objective is about."""
    if objective.test == "Reliability":
        return "Reliability: the share of seeds that reach the target, on this split of the data"
    return f"{objective.estimand}: {ESTIMANDS[objective.estimand]}"


def at_least(metric: str) -> str:
    """`at least` or `at most`: how a target or a bound of this metric is read."""
    return "at least" if MEASURED[metric].direction == "Maximize" else "at most"


def named(metric: str) -> str:
    """A metric's name in a sentence."""
    return metric.replace("_", " ")


def asked(goal: ResearchGoal) -> str:
    """What a goal asks for; with the target that follows from its baseline, once that is known."""
    return in_words(goal.objective, goal.target) + within(goal.spec)


def within(spec: GoalSpec) -> str:
    """`, within 5 ms a row` of a goal that bounds the latency, else nothing."""
    return "".join(f", within {each.max:g} ms a row" for each in spec.latencies)


def in_words(objective: Objective, target: float | None) -> str:
    """`accuracy of at least 0.97`, with further targets and the test that they have to pass."""
    parts = [_first(objective, target)]
    parts += [f"{named(each.metric)} of {at_least(each.metric)} {each.target:g}" for each in objective.also]
    text = " and ".join(parts)
    if objective.test == "Reliability":
        return f"{text}, with a share of {objective.rate:g} of all seeds"
    return f"{text}, on new items too" if objective.estimand == "Population" else text


def _first(objective: Objective, target: float | None) -> str:
    if objective.named_metric is None:
        metric, side = "the data's own metric", "at least" if objective.direction == "Maximize" else "at most"
    else:
        metric, side = named(objective.metric), at_least(objective.metric)
    if objective.improvement is None:
        return f"{metric} of {side} {target:g}"
    known = "" if target is None else f" ({side} {target:.4f})"
    return f"{metric} {100 * objective.improvement.by:g} % better than {objective.improvement.over}'s{known}"
