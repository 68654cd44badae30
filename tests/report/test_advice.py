"""What to do next, for every reason for which a goal can end."""

import dataclasses

import pytest

from report.goals import ACHIEVED, ATTEMPT, BEST, LINES, build_goal, condition, verdict
from seedbed.api.goal import Budget
from seedbed.engine.verdict import InconclusiveReason, NotAchievedReason
from seedbed.report.advice import next_steps

RESUME = "research-agent resume digits --folder 'my runs'"
STEPS = {
    "NeverNominated": f"Raise `budget.experiments` (now 20): `{RESUME} --experiments N`",
    "ConfirmationFailed": f"No confirmation on fresh seeds bore it out: the best of many explorations looks "
    f"better than it is. Raise `budget.experiments` (now 20): `{RESUME} --experiments N`",
    "AttemptsSpent": f"(now 5, at most 10): `{RESUME} --confirmations N`, or in the manifest; experiments, "
    "attempts and α are carried on; attempt 2 has α = 0.00760 to spend",
    "BudgetSpent": f"with `--failures N`, `--gpu-hours N` or `--deadline DURATION`: `{RESUME}`",
    "SeedMissing": "No claim is made without the seed, since leaving out failed ones would favour the "
    f"lucky. Then `{RESUME}` tries it again",
    "BudgetEndedInConfirmation": f"Raise `budget.deadline` (now 6h): `{RESUME} --deadline DURATION`",
    "PlannerFailed": f"(every call: `research-agent journal digits`); then `{RESUME}` asks again",
    "IntegrityBlocked": "where model code can be sealed",
    "HardwareDiffers": "pin the runs to one kind of machine",
}


def ended(reason, **status):
    kind = "NotAchieved" if reason in NotAchievedReason.__args__ else "Inconclusive"
    fields = {"phase": kind, "verdict": verdict(kind, reason), "experiments": LINES, "best": BEST}
    return build_goal(fields | status)


def test_every_reason_has_its_steps():
    assert set(STEPS) == set(NotAchievedReason.__args__) | set(InconclusiveReason.__args__)


@pytest.mark.parametrize("reason", STEPS)
def test_what_to_do_next(reason):
    goal = ended(reason, attempts=[ATTEMPT | {"outcome": "Failed"}])
    assert STEPS[reason] in " ".join(next_steps(goal, None, RESUME))


def test_nothing_is_left_to_do_when_it_is_achieved():
    assert next_steps(build_goal(ACHIEVED), None, RESUME) == ()


@pytest.mark.parametrize(
    ("best", "sentence"),
    [
        (BEST, "digits-e003, has a validation mean of 0.9811: 0.0111 above the target 0.97."),
        (BEST | {"mean": 0.95}, "has a validation mean of 0.9500: 0.0200 below the target 0.97."),
        (None, "No experiment gave a score: see why each failed, in the table of experiments."),
    ],
)  # fmt: skip
def test_the_distance_is_said_with_its_side(best, sentence):
    assert next_steps(ended("NeverNominated", best=best), None, RESUME)[0].endswith(sentence)


def test_ten_attempts_are_the_most():
    attempts = [ATTEMPT | {"attempt": k, "outcome": "Failed"} for k in range(1, 11)]
    (step,) = next_steps(ended("AttemptsSpent", attempts=attempts), None, RESUME)
    assert step.startswith("Ten attempts are the most")


def test_known_limits_of_the_data_are_said(achieved):
    card = dataclasses.replace(achieved["card"], bayes_accuracy=0.972)
    assert next_steps(ended("NeverNominated"), card, RESUME)[-1] == (
        "The best possible accuracy on these data is 0.972; the target is 0.97."
    )


def test_no_goal_makes_more_experiments_than_can_be():
    goal = ended("NeverNominated")
    spec = goal.spec.model_copy(update={"budget": Budget(experiments=200)})
    steps = next_steps(goal.model_copy(update={"spec": spec}), None, RESUME)
    assert "200 experiments are the most that one goal can make." in steps
    assert not any(RESUME in step for step in steps)


def refused(**spec):
    told = [condition("Accepted", "False", "Undecidable", "because of this")]
    return build_goal({"phase": "Refused", "conditions": told}, **spec)


def test_a_target_that_was_refused_needs_a_new_goal_and_a_budget_a_larger_one():
    (step,) = next_steps(refused(), None, RESUME)
    assert step == "Run a new goal, under another name (`--name`), with a target that these data can show."
    (step,) = next_steps(refused(resources={"gpus": 1}, budget={"gpuHours": 1}), None, RESUME)
    assert step == f"Raise what the sentence above names: `{RESUME} --gpu-hours N`, or in the manifest."


def test_what_failed_is_tried_again():
    told = [condition("DatasetReady", "False", "Why", "because of this")]
    (step,) = next_steps(build_goal({"phase": "Failed", "conditions": told}), None, RESUME)
    assert step == f"Mend what the sentence above names; then `{RESUME}` tries again."


def test_unfinished_goals_go_on():
    (step,) = next_steps(build_goal({"phase": "Searching"}), None, RESUME)
    assert step == f"`{RESUME}` goes on where it stopped, if nothing is running."
    (step,) = next_steps(build_goal({"phase": "Suspended"}), None, RESUME)
    assert step == f"Set `suspend: false` (here: `{RESUME}`) to go on: nothing is lost."


@pytest.mark.parametrize(
    ("kind", "words"), [("Leak", "has them from elsewhere"), ("Impossible", "`objective.ceiling`")]
)
def test_what_blocked_a_candidate_says_what_to_look_at(kind, words):
    finding = {"type": kind, "severity": "Blocks", "message": "in words"}
    status = {"phase": "Inconclusive", "verdict": verdict("Inconclusive", "IntegrityBlocked")}
    doubted = status | {"integrity": [{"index": 1, "findings": [finding]}]}
    steps = next_steps(build_goal(doubted), None, "resume")
    assert words in steps[0] and "new goal" in steps[1]
    assert "sealed" in next_steps(build_goal(status), None, "resume")[0]
