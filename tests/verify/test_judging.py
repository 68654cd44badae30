import dataclasses

import pytest

from seedbed.verify.judging import judge
from seedbed.verify.outcome import Difference
from seedbed_runner.contract.records import Failure, RunResult

HASHES = {"predictions": "sha256:p", "weights": "sha256:w"}
RECORD = RunResult(
    run_uid="u", experiment="g-e001", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    split="validation", outcome="Scored", metric="accuracy", data_hash="d", assurance="trusted-code",
    started_at=0.0, finished_at=1.0, score=0.9, metrics={"accuracy": 0.9}, items=100, hashes=HASHES,
    fingerprint={"torch": "2.9", "cpu": "x"}, code="sha256:c",
)  # fmt: skip
ELSEWHERE = {"torch": "2.10", "cpu": "x"}
MOVED = Difference(100, 3, 0.25)


def again(score=0.9, predictions="sha256:p", weights="sha256:w", **changes):
    hashes = {"predictions": predictions, "weights": weights}
    values = {"score": score, "metrics": {"accuracy": score}, "hashes": hashes}
    return dataclasses.replace(RECORD, **values | changes)


def failed(reason):
    failure = Failure(reason, "it said why")
    return again(None, outcome="Failed", failure=failure, metrics={}, hashes={})


def verdict(record, made, difference=None, others=()):
    outcome = judge(record, made, difference, others)
    return outcome.verdict, [(each.subject, each.said) for each in outcome.findings]


def test_every_bit_the_same():
    assert verdict(RECORD, again()) == ("Identical", [])


def test_what_a_record_counts_of_time_is_no_difference():
    other = again(started_at=5.0, train_seconds=9.0, peak_memory_bytes=1, artifacts="a1-x")
    assert verdict(RECORD, other) == ("Identical", [])


def test_other_bits_under_the_same_fingerprint():
    said = "3 of 100 items are predicted otherwise, logits differ by at most 0.25"
    made = again(0.9, predictions="sha256:q", weights="sha256:v")
    assert verdict(RECORD, made, MOVED) == ("Different", [("predictions", said)])


def test_other_bits_whose_predictions_were_not_kept():
    ((_, said),) = verdict(RECORD, again(predictions="sha256:q"))[1]
    assert "were not kept to say where" in said


def test_only_the_weights():
    found = verdict(RECORD, again(weights="sha256:v"))
    assert found == ("Different", [("weights", "only the weights differ: every prediction is the same")])


def test_another_fingerprint_names_what_changed():
    outcome = judge(RECORD, again(fingerprint=ELSEWHERE), None, [])
    assert outcome.verdict == "Equivalent" and outcome.fingerprint == {"torch": ("2.9", "2.10")}


@pytest.mark.parametrize(
    ("score", "expected"), [(0.94, "Equivalent"), (0.86, "Equivalent"), (0.85, "Different")]
)
def test_another_fingerprint_within_the_tolerance_and_beyond(score, expected):
    made = again(score, predictions="sha256:q", fingerprint=ELSEWHERE)
    outcome = judge(RECORD, made, MOVED, [])  # the prior: 3 √2 · .01 = .0424
    assert outcome.verdict == expected and outcome.tolerance.value == pytest.approx(0.042426, abs=1e-6)
    assert outcome.difference == MOVED


def test_other_code_is_named_whatever_came_of_it():
    said = ("code", "the runner's code is another: sha256:c then, sha256:k now")
    assert verdict(RECORD, again(code="sha256:k")) == ("Equivalent", [said])
    found, findings = verdict(RECORD, again(predictions="sha256:q", code="sha256:k"), MOVED)
    assert found == "Different" and findings[0] == said and findings[1][0] == "predictions"


def test_a_record_without_a_hash_of_code_is_of_any():
    assert verdict(dataclasses.replace(RECORD, code=""), again(code="sha256:k")) == ("Identical", [])


def test_a_failure_must_come_again():
    assert verdict(failed("Shape"), failed("Shape")) == ("Identical", [])
    assert verdict(failed("Shape"), again())[0] == "Different"
    found = verdict(failed("Shape"), failed("NonFinite"))
    said = "it was recorded as Failed(Shape), and now it ended as Failed(NonFinite) (it said why)"
    assert found == ("Different", [("failure", said)])


def test_a_slower_or_smaller_machine_is_no_difference():
    assert verdict(RECORD, failed("Deadline"))[0] == verdict(RECORD, failed("OutOfMemory"))[0] == "CannotRun"
    assert verdict(RECORD, failed("NonFinite"))[0] == "Different"
    assert verdict(failed("Shape"), failed("Deadline"))[0] == "Different"
