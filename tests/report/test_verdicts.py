"""Verdict and evidence, for every way in which a goal can stand."""

import pytest

from report.goals import ACHIEVED, ATTEMPT, BEST, LINES, build_goal, condition, verdict
from seedbed.engine.confirmation import ASSURED
from seedbed.engine.experiment import ASSURANCES
from seedbed.report.verdicts import assurance_in_words, evidence, heading


def test_an_achieved_goal_and_its_evidence():
    goal = build_goal(ACHIEVED)
    assert heading(goal).verdict == "Achieved" and heading(goal).tone == "good"
    assert heading(goal).sentence == "accuracy on digits reaches 0.97: shown"
    assert [(fact.label, fact.text) for fact in evidence(goal)] == [
        ("Decided by", "lower bound 0.9726 ≥ target 0.97 (look at n = 6, t = 5.205 ≥ 3.621)"),
        ("Mean on the test split", "0.9785, sd 0.0040, n = 6; 95 % repeated interval [0.9724, 0.9846]"),
        (
            "Given convergence",
            "0 of 6 seeds diverged, rate ≤ 0.39 (95 %, one-sided); "
            "the test holds for converged scores that are near normal",
        ),
        ("Attempts", "1 of at most 5; α spent 0.0304 of 0.05"),
        ("Validation less test", "+0.0026: the test mean is lower than 0.9811"),
        ("Estimand", "Benchmark: the mean over training randomness on this split of the data"),
        ("Assurance", "trusted-code: the model is made of Seedbed's own layers, no foreign code ran"),
    ]


@pytest.mark.parametrize("assurance", ASSURANCES)
def test_every_assurance_has_its_words(assurance):
    words = assurance_in_words(assurance)
    assert words.startswith(f"{assurance}: ")
    assert words.endswith("so no claim is made of it") == (assurance not in ASSURED)


@pytest.mark.parametrize(
    ("kind", "reason", "words"),
    [("NotAchieved", "NeverNominated", "Not achieved"), ("Inconclusive", "SeedMissing", "Inconclusive")],
)
def test_other_verdicts_in_words(kind, reason, words):
    goal = build_goal({"phase": kind, "verdict": verdict(kind, reason)})
    shown = heading(goal)
    assert (shown.verdict, shown.sentence, shown.tone) == (words, "in words", "bad")
    assert evidence(goal) == ()


def test_evidence_without_a_claim_names_what_is_uncorrected():
    status = {"verdict": verdict("NotAchieved", "ConfirmationFailed"), "experiments": LINES, "best": BEST}
    goal = build_goal(status | {"phase": "NotAchieved", "attempts": [ATTEMPT]})
    facts = {fact.label: fact.text for fact in evidence(goal)}
    assert facts["Best exploration"] == (
        "digits-e003: validation mean 0.9811 over 2 seeds, 95 % interval [0.9659, 0.9963], "
        "too few to decide, not corrected for selection"
    )
    assert facts["Last confirmation"] == (
        "mean 0.9785 over 6 fresh seeds, lower bound 0.9726 against the target 0.97 (t = 5.205, needed 3.621)"
    )
    assert "Estimand" in facts


@pytest.mark.parametrize(("phase", "kind"), [("Refused", "Accepted"), ("Failed", "DatasetReady")])
def test_refused_and_failed_goals_say_why(phase, kind):
    goal = build_goal({"phase": phase, "conditions": [condition(kind, "False", "Why", "because of this")]})
    assert (heading(goal).verdict, heading(goal).sentence) == (phase, "because of this")


def test_unfinished_goals_say_how_far_they_are():
    attempts = [ATTEMPT | {"outcome": "Open"}]
    goal = build_goal({"phase": "Confirming", "counts": {"experiments": 3}, "attempts": attempts})
    assert heading(goal).sentence == "confirming: 3 experiments settled so far, 1 confirmation begun"
    assert heading(goal).tone == "open"


def check(index=3, kind=None, severity="Blocks"):
    finding = {"type": kind, "severity": severity, "message": "in words", "numbers": {"score": 0.97}}
    return {"index": index, "control": f"digits-i{index:03d}", "scores": [0.1032], "runs": 1, "seconds": 2.0,
            "findings": [finding] if kind else []}  # fmt: skip


def test_integrity_is_evidence_of_a_claim_and_of_none():
    claimed = {fact.label: fact.text for fact in evidence(build_goal(ACHIEVED | {"integrity": [check()]}))}
    assert claimed["Integrity"] == "experiment 3: trained on permuted labels it scores 0.1032"
    doubted = build_goal({"integrity": [check(1, "Leak"), check(2, "AboveChance", "Shown")]})
    assert [fact.text for fact in evidence(doubted) if fact.label == "Integrity"] == [
        "experiment 1 is blocked by Leak: in words",
        "experiment 2: trained on permuted labels it scores 0.1032; AboveChance: in words",
    ]
    off = build_goal({"integrity": [{"index": 1}]}, integrity={"control": False})
    assert evidence(off)[0].text.endswith("(the shuffled-label control is switched off)")
