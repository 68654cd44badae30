"""What a goal lacked that was not achieved."""

import re

import pytest

from report.goals import ATTEMPT, BEST, DATASET, build_goal, line, verdict
from seedbed.engine.power import shortfall
from seedbed.report.advice import next_steps
from seedbed.report.missing import missing

FAILED = ATTEMPT | {"outcome": "Failed", "reason": "NotReached"}


def ended(reason="ConfirmationFailed", seeds=None, **status):
    fields = {
        "phase": "NotAchieved",
        "verdict": verdict("NotAchieved", reason),
        "dataset": DATASET,
        "best": BEST,
    }
    return build_goal(fields | status, seeds=seeds or {})


def test_a_sentence_an_attempt_that_its_scores_ended():
    crashed = FAILED | {"attempt": 2, "reason": "Crash"}
    hopeless = FAILED | {"attempt": 3, "reason": "Futile", "scores": [0.964, 0.968, 0.966, 0.966]}
    goal = ended(attempts=[FAILED, crashed, hopeless], seeds={"confirm": 4})
    first, second = missing(goal)
    found = shortfall(ATTEMPT["scores"], 0.97, 1, 0.95, 1 / 360, 4)
    assert first == (
        f"A plan, no claim, after attempt 1: its mean is 0.0085 beyond the target, its sd {found.sd:.4f}; "
        f"4 seeds show a margin of {found.needed_margin:.4f} with a chance of 0.80, and its own margin would "
        f"need {found.needed_seeds} seeds at a single look."
    )
    assert second.startswith("A plan, no claim, after attempt 3: its mean is 0.0040 short of the target")
    assert second.endswith("no number of seeds shows a mean that is not beyond it.")
    assert next_steps(goal, None, "resume")[1:3] == (first, second)


def test_seeds_end_with_the_last_look():
    (said,) = missing(ended(attempts=[FAILED], seeds={"confirm": 8}))
    assert "; 6 seeds show a margin" in said


def test_a_margin_as_good_as_none():
    scores = [0.9700001, 0.9700001, 0.99, 0.9500002]
    (said,) = missing(ended(attempts=[FAILED | {"scores": scores}], seeds={"confirm": 4}))
    assert "would need more than 100,000" in said


@pytest.mark.parametrize(
    ("best", "words"),
    [
        ({"mean": 0.965}, r"asked for a validation mean of 0\.9800 \(sd .* 0\.0100\): it was 0\.0150 short"),
        ({"mean": 0.985}, "That was enough for a nomination"),
        (
            {"mean": 0.965, "index": 9},
            r"mean of 0\.9712 \(sd over seeds taken as 0\.0012\): it was 0\.0062 short",
        ),
    ],
)
def test_how_far_a_nomination_was(best, words):
    spread = [line(i, [0.962, 0.962 + 0.0012 * 2**0.5]) for i in range(1, 10)]
    (said,) = missing(ended("NeverNominated", best=BEST | best, experiments=spread))
    assert re.search(words, said)


def test_the_threshold_is_below_the_bound():
    data = DATASET | {"sizes": DATASET["sizes"] | {"validation": 200}}
    goal = build_goal({"dataset": data, "best": BEST}, objective={"target": 0.99})
    assert "a validation mean of 0.9950" in missing(goal)[0]


def test_nothing_is_said_without_data_or_scores():
    assert missing(ended(best=None)) == []
    assert missing(ended(dataset=None, attempts=[FAILED])) == []
