"""What to do next when a goal is not achieved, by the reason of its verdict: called by `build`."""

from collections.abc import Callable

from seedbed.api import ResearchGoal
from seedbed.api.common import MAX_EXPERIMENTS
from seedbed.api.integrity import FindingType
from seedbed.api.progress import FINISHED
from seedbed.engine.claims import attempt_alpha
from seedbed.engine.gate import blocked
from seedbed.engine.goal import static_problem
from seedbed.engine.standard import seeds_problem
from seedbed.report.missing import missing
from seedbed.report.text import score
from seedbed_runner.contract.records import Card

ASK_FOR_LESS = "Or ask for less: a new goal with a lower target, under another name."


def next_steps(goal: ResearchGoal, card: Card | None, resume: str) -> tuple[str, ...]:
    """What to do when the goal is not achieved; nothing when it is. `resume` is the command to go on with."""
    status = goal.status
    if status.phase == "Achieved":
        return ()
    if status.phase not in FINISHED:
        return (_unfinished(goal, resume),)
    key = status.verdict.reason if status.verdict else status.phase
    steps = [*_STEPS[key](goal, resume)] if key in _STEPS else []
    if card is not None and card.bayes_accuracy is not None and goal.objective.named_metric == "accuracy":
        asked = "" if goal.target is None else f"; the target is {goal.target:g}"
        steps.append(f"The best possible accuracy on these data is {card.bayes_accuracy:g}{asked}.")
    return tuple(steps)


def _unfinished(goal: ResearchGoal, resume: str) -> str:
    if goal.status.phase == "Suspended":
        return f"Set `suspend: false` (here: `{resume}`) to go on: nothing is lost."
    return f"`{resume}` goes on where it stopped, if nothing is running."


def _go_on(command: str) -> str:
    return f"`{command}`, or in the manifest; experiments, attempts and α are carried on"


def _distance(goal: ResearchGoal) -> list[str]:
    """How far the best candidate is from the target, and what was missing."""
    best, target = goal.status.best, goal.target
    if best is None or target is None:
        return ["No experiment gave a score: see why each failed, in the table of experiments."]
    where = "below" if best.mean < target else "above"
    distance = f"{abs(best.mean - target):.4f} {where} the target {target:g}"
    return [
        f"The best candidate, {best.experiment}, has a validation mean of {score(best.mean)}: {distance}.",
        *missing(goal),
    ]


def _more_experiments(goal: ResearchGoal, resume: str) -> str:
    now = goal.spec.budget.experiments
    if now >= MAX_EXPERIMENTS:
        return f"{now} experiments are the most that one goal can make."
    return f"Raise `budget.experiments` (now {now}): {_go_on(f'{resume} --experiments N')}."


def _never_nominated(goal: ResearchGoal, resume: str) -> list[str]:
    return [*_distance(goal), _more_experiments(goal, resume), ASK_FOR_LESS]


def _confirmation_failed(goal: ResearchGoal, resume: str) -> list[str]:
    return [
        *_distance(goal),
        "No confirmation on fresh seeds bore it out: the best of many explorations looks better than it is.",
        _more_experiments(goal, resume),
    ]


def _attempts_spent(goal: ResearchGoal, resume: str) -> list[str]:
    following, confidence = len(goal.status.attempts) + 1, goal.objective.confidence
    if following > 10:
        return ["Ten attempts are the most that one goal can make: ask for less in a new goal."]
    share = f"attempt {following} has α = {attempt_alpha(following, confidence):.5f} to spend"
    now = goal.spec.budget.confirmations
    raise_it = f"Raise `budget.confirmations` (now {now}, at most 10)"
    return [*_distance(goal), f"{raise_it}: {_go_on(f'{resume} --confirmations N')}; {share}.", ASK_FOR_LESS]


def _budget_spent(goal: ResearchGoal, resume: str) -> list[str]:
    flags = "`--failures N`, `--gpu-hours N` or `--deadline DURATION`"
    raise_it = f"Raise the part of `budget` that the verdict names, with {flags}"
    return [*_distance(goal), f"{raise_it}: {_go_on(resume)}."]


def _seed_missing(goal: ResearchGoal, resume: str) -> list[str]:
    return [
        "A missing seed is this machine's or the cluster's trouble, not the model's: see the run's message "
        "in the table of attempts or experiments, and mend its cause.",
        "No claim is made without the seed, since leaving out failed ones would favour the lucky.",
        f"Then `{resume}` tries it again; what was recorded is not run again.",
    ]


def _planner_failed(goal: ResearchGoal, resume: str) -> list[str]:
    return [
        f"Mend what the verdict names (every call: `research-agent journal {goal.metadata.name}`); then "
        f"`{resume}` asks again.",
        "Or let the search planner stand in: `planner.fallback: Search` in a new goal.",
    ]


def _ended_in_confirmation(goal: ResearchGoal, resume: str) -> list[str]:
    raise_it = f"Raise `budget.deadline` (now {goal.spec.budget.deadline})"
    return [f"{raise_it}: {_go_on(f'{resume} --deadline DURATION')}; no seed is run again."]


def _hardware_differs(goal: ResearchGoal, resume: str) -> list[str]:
    return [
        "Times of different machines have no common mean: pin the runs to one kind of machine (on a cluster "
        "with the profile's node selector; on a laptop, don't change the machine in the middle of a goal).",
        "Then make a new goal: the seeds of this confirmation are spent.",
    ]


def _integrity_blocked(goal: ResearchGoal, resume: str) -> list[str]:
    doubts = blocked(goal.status.integrity)
    if not doubts:
        return ["Run it where model code can be sealed: only then does a confirmation count."]
    kinds = dict.fromkeys(check.blocking.type for check in doubts if check.blocking)
    steps = [_REMEDIES[kind] for kind in kinds if kind in _REMEDIES]
    return [*steps, "Then make a new goal: a finding of this one stays with its candidate."]


_REMEDIES: dict[FindingType, str] = {
    "Leak": "A model that scores without labels has them from elsewhere: data that come with a library, a "
    "cache, a pretrained model. Find where, and take it away.",
    "Impossible": "A mean beyond the ceiling: the ceiling is wrong, or labels leak into the inputs. Look at "
    "the features that predict best, and at `objective.ceiling`.",
    "Unsealed": "Run it where code can be sealed in (`research-agent doctor` says what this machine lacks), "
    "or have the planner write layers (`planner.code: false`).",
    "Redrawable": "Take a seed that can't be guessed (`python -c 'import secrets; "
    "print(secrets.randbits(53))'` gives one), or have the planner write layers (`planner.code: false`).",
    "Unsound": "A record that contradicts itself was not written by this version's scorer: see who else can "
    "write to the store.",
}


def _refused(goal: ResearchGoal, resume: str) -> list[str]:
    if seeds_problem(goal.spec):
        return ["Run a new goal, under another name (`--name`), with what the sentence above asks for."]
    if static_problem(goal):
        return [f"Raise what the sentence above names: `{resume} --gpu-hours N`, or in the manifest."]
    return ["Run a new goal, under another name (`--name`), with a target that these data can show."]


def _failed(goal: ResearchGoal, resume: str) -> list[str]:
    return [f"Mend what the sentence above names; then `{resume}` tries again."]


_STEPS: dict[str, Callable[[ResearchGoal, str], list[str]]] = {
    "NeverNominated": _never_nominated,
    "ConfirmationFailed": _confirmation_failed,
    "AttemptsSpent": _attempts_spent,
    "BudgetSpent": _budget_spent,
    "SeedMissing": _seed_missing,
    "BudgetEndedInConfirmation": _ended_in_confirmation,
    "IntegrityBlocked": _integrity_blocked,
    "HardwareDiffers": _hardware_differs,
    "PlannerFailed": _planner_failed,
    "Refused": _refused,
    "Failed": _failed,
}
