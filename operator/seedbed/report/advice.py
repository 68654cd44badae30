"""What to do next when a goal is not achieved, by the reason of its verdict: called by `build`."""

from collections.abc import Callable

from seedbed.api import ResearchGoal
from seedbed.api.goal import FINISHED
from seedbed.engine.claims import attempt_alpha
from seedbed.report.text import score
from seedbed_runner.contract.records import Card


def next_steps(goal: ResearchGoal, card: Card | None) -> tuple[str, ...]:
    """What to do when the goal is not achieved; nothing when it is."""
    status = goal.status
    if status.phase == "Achieved":
        return ()
    if status.phase not in FINISHED:
        return (_unfinished(goal),)
    key = status.verdict.reason if status.verdict else status.phase
    steps = [*_STEPS[key](goal)] if key in _STEPS else []
    target = goal.spec.objective.target
    if card is not None and card.bayes_accuracy is not None and goal.spec.objective.metric == "accuracy":
        steps.append(
            f"The best possible accuracy on these data is {card.bayes_accuracy:g}; the target is {target:g}."
        )
    return tuple(steps)


def _unfinished(goal: ResearchGoal) -> str:
    if goal.status.phase == "Suspended":
        name = goal.metadata.name
        return f"Set `suspend: false` (here: `research-agent resume {name}`) to go on: nothing is lost."
    return f"`research-agent resume {goal.metadata.name}` goes on where it stopped, if nothing is running."


def _go_on(goal: ResearchGoal) -> str:
    return f"then `research-agent resume {goal.metadata.name}`: experiments, attempts and α are carried on"


def _distance(goal: ResearchGoal) -> list[str]:
    """How far the best candidate is from the target."""
    best, target = goal.status.best, goal.spec.objective.target
    if best is None:
        return ["No experiment gave a score: see why each failed, in the table of experiments."]
    where = "below" if best.mean < target else "above"
    distance = f"{abs(best.mean - target):.4f} {where} the target {target:g}"
    return [
        f"The best candidate, {best.experiment}, has a validation mean of {score(best.mean)}: {distance}."
    ]


def _never_nominated(goal: ResearchGoal) -> list[str]:
    raise_it = f"Raise `budget.experiments` (now {goal.spec.budget.experiments})"
    return [
        *_distance(goal),
        f"{raise_it}, {_go_on(goal)}.",
        "Or ask for less: a new goal with a lower target.",
    ]


def _confirmation_failed(goal: ResearchGoal) -> list[str]:
    raise_it = f"Raise `budget.experiments` (now {goal.spec.budget.experiments}) for other candidates"
    return [
        *_distance(goal),
        "No confirmation on fresh seeds bore it out: the best of many explorations looks better than it is.",
        f"{raise_it}, {_go_on(goal)}.",
    ]


def _attempts_spent(goal: ResearchGoal) -> list[str]:
    following, confidence = len(goal.status.attempts) + 1, goal.spec.objective.confidence
    if following > 10:
        return ["Ten attempts are the most that one goal can make: ask for less in a new goal."]
    share = f"attempt {following} has α = {attempt_alpha(following, confidence):.5f} to spend"
    now = goal.spec.budget.confirmations
    return [
        *_distance(goal),
        f"Raise `budget.confirmations` (now {now}, at most 10): {share}; {_go_on(goal)}.",
        "Or ask for less: a new goal with a lower target.",
    ]


def _budget_spent(goal: ResearchGoal) -> list[str]:
    return [*_distance(goal), f"Raise the part of `budget` that the verdict names, {_go_on(goal)}."]


def _seed_missing(goal: ResearchGoal) -> list[str]:
    return [
        "A missing seed is this machine's or the cluster's trouble, not the model's: see the run's message "
        "in the table of attempts or experiments, and mend its cause.",
        "No claim is made without the seed, since leaving out failed ones would favour the lucky.",
        "Then run the manifest again as a goal of another name.",
    ]


def _ended_in_confirmation(goal: ResearchGoal) -> list[str]:
    return [
        f"Raise `budget.deadline` (now {goal.spec.budget.deadline}), {_go_on(goal)}; no seed is run again."
    ]


def _integrity_blocked(goal: ResearchGoal) -> list[str]:
    return ["Run it where model code can be sealed: only then does a confirmation count."]


def _refused(goal: ResearchGoal) -> list[str]:
    resume = f"`research-agent resume {goal.metadata.name}`"
    return [f"Raise the budget if that is what the sentence above names ({resume}); else run a new goal."]


def _failed(goal: ResearchGoal) -> list[str]:
    return ["Mend what the sentence above names, and run the manifest again under another name."]


_STEPS: dict[str, Callable[[ResearchGoal], list[str]]] = {
    "NeverNominated": _never_nominated,
    "ConfirmationFailed": _confirmation_failed,
    "AttemptsSpent": _attempts_spent,
    "BudgetSpent": _budget_spent,
    "SeedMissing": _seed_missing,
    "BudgetEndedInConfirmation": _ended_in_confirmation,
    "IntegrityBlocked": _integrity_blocked,
    "Refused": _refused,
    "Failed": _failed,
}
