"""What to do next, for every reason for which a goal can end."""

import dataclasses

import pytest

from report.goals import ACHIEVED, ATTEMPT, BEST, LINES, build_goal, condition, verdict
from seedbed.engine.verdict import InconclusiveReason, NotAchievedReason
from seedbed.report.advice import next_steps

STEPS = {
    "NeverNominated": "Raise `budget.experiments` (now 20)",
    "ConfirmationFailed": "No confirmation on fresh seeds bore it out",
    "AttemptsSpent": "attempt 2 has α = 0.00760 to spend",
    "BudgetSpent": "Raise the part of `budget` that the verdict names",
    "SeedMissing": "No claim is made without the seed",
    "BudgetEndedInConfirmation": "Raise `budget.deadline` (now 6h)",
    "IntegrityBlocked": "where model code can be sealed",
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
    assert STEPS[reason] in " ".join(next_steps(goal, None))


def test_nothing_is_left_to_do_when_it_is_achieved():
    assert next_steps(build_goal(ACHIEVED), None) == ()


@pytest.mark.parametrize(
    ("best", "sentence"),
    [
        (BEST, "digits-e003, has a validation mean of 0.9811: 0.0111 above the target 0.97."),
        (BEST | {"mean": 0.95}, "has a validation mean of 0.9500: 0.0200 below the target 0.97."),
        (None, "No experiment gave a score: see why each failed, in the table of experiments."),
    ],
)  # fmt: skip
def test_the_distance_is_said_with_its_side(best, sentence):
    assert next_steps(ended("NeverNominated", best=best), None)[0].endswith(sentence)


def test_ten_attempts_are_the_most():
    attempts = [ATTEMPT | {"attempt": k, "outcome": "Failed"} for k in range(1, 11)]
    (step,) = next_steps(ended("AttemptsSpent", attempts=attempts), None)
    assert step.startswith("Ten attempts are the most")


def test_known_limits_of_the_data_are_said(achieved):
    card = dataclasses.replace(achieved["card"], bayes_accuracy=0.972)
    assert next_steps(ended("NeverNominated"), card)[-1] == (
        "The best possible accuracy on these data is 0.972; the target is 0.97."
    )


@pytest.mark.parametrize(("phase", "kind"), [("Refused", "Accepted"), ("Failed", "DatasetReady")])
def test_refused_and_failed_goals_have_a_way_out(phase, kind):
    goal = build_goal({"phase": phase, "conditions": [condition(kind, "False", "Why", "because of this")]})
    assert len(next_steps(goal, None)) == 1


def test_unfinished_goals_go_on():
    assert "`research-agent resume digits`" in next_steps(build_goal({"phase": "Searching"}), None)[0]
    (step,) = next_steps(build_goal({"phase": "Suspended"}), None)
    assert step == "Set `suspend: false` (here: `research-agent resume digits`) to go on: nothing is lost."
