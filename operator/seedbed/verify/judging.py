"""The verdict on a run that was trained again: a pure function of the two records and their predictions.

Identical    the same fingerprint and code, every hash and metric the same
Equivalent   another fingerprint, every metric within the tolerance; or every bit the same in spite of
             another fingerprint or other code
Different    anything else
CannotRun    this machine's limits ended what was scored when it was recorded
"""

from collections.abc import Sequence

from seedbed.verify.outcome import Difference, Outcome, Verdict
from seedbed.verify.tolerance import Tolerance, tolerance
from seedbed_runner.contract.records import RunResult
from seedbed_runner.contract.verification import Finding, Subject

OF_THE_MACHINE = frozenset({"Deadline", "OutOfMemory", "Disk", "NoDevice"})


def judge(
    record: RunResult, again: RunResult, difference: Difference | None, others: Sequence[RunResult]
) -> Outcome:
    """The verdict.

    Args:
        record: what the store holds.
        again: what training it again gave.
        difference: of the predictions, where both are there.
        others: records of the same goal, from which the spread between seeds is estimated.
    """
    names = sorted(set(record.fingerprint) | set(again.fingerprint))
    pairs = {name: (record.fingerprint.get(name, "–"), again.fingerprint.get(name, "–")) for name in names}
    changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    code = _code(record, again)
    verdict, found, allowed = _verdict(record, again, difference, others, bool(changed), code)
    return Outcome(
        record.experiment,
        record.seed,
        verdict,
        tuple(found),
        score=record.score,
        again=again.score,
        difference=difference,
        tolerance=allowed,
        fingerprint=changed,
    )


def _verdict(
    record: RunResult,
    again: RunResult,
    difference: Difference | None,
    others: Sequence[RunResult],
    elsewhere: bool,
    code: list[Finding],
) -> tuple[Verdict, list[Finding], Tolerance | None]:
    if ends := _otherwise_ended(record, again):
        machine = record.outcome == "Scored" and ends.subject == "machine"
        return "CannotRun" if machine else "Different", [*code, ends], None
    bits = _bits(record, again, difference)
    if not bits:
        return "Equivalent" if elsewhere or code else "Identical", code, None
    if not elsewhere:
        return "Different", [*code, *bits], None
    beyond, allowed = _beyond(record, again, others)
    return "Different" if beyond else "Equivalent", [*code, *bits, *beyond], allowed


def _code(record: RunResult, again: RunResult) -> list[Finding]:
    if record.code in ("", again.code):
        return []
    return [Finding("code", f"the runner's code is another: {record.code} then, {again.code} now")]


def _otherwise_ended(record: RunResult, again: RunResult) -> Finding | None:
    """The two ends, if they are not of one kind."""
    then, now = _end(record), _end(again)
    if then == now:
        return None
    told = f" ({again.failure.message})" if again.failure else ""
    machine = again.failure is not None and again.failure.reason in OF_THE_MACHINE
    subject: Subject = "machine" if machine else "failure"
    return Finding(subject, f"it was recorded as {then}, and now it ended as {now}{told}")


def _end(record: RunResult) -> str:
    return "Scored" if record.failure is None else f"Failed({record.failure.reason})"


def _bits(record: RunResult, again: RunResult, difference: Difference | None) -> list[Finding]:
    """What is not the same to the last bit."""
    predictions, weights = (
        record.hashes.get(name) == again.hashes.get(name) for name in ("predictions", "weights")
    )
    if predictions and weights and record.metrics == again.metrics:
        return []
    if predictions:
        what = "only the weights differ" if record.metrics == again.metrics else "the metrics differ"
        return [Finding("weights", f"{what}: every prediction is the same")]
    if difference is None:
        return [Finding("predictions", "they differ; the recorded ones were not kept to say where")]
    return [
        Finding(
            "predictions",
            f"{difference.otherwise} of {difference.items} items are predicted otherwise, "
            f"logits differ by at most {difference.largest_logit:.3g}",
        )
    ]


def _beyond(
    record: RunResult, again: RunResult, others: Sequence[RunResult]
) -> tuple[list[Finding], Tolerance | None]:
    """The metrics that are off by more than the tolerance; and the score's tolerance."""
    found, allowed = [], None
    for name, then in record.metrics.items():
        limit, now = tolerance(name, others, record.items), again.metrics[name]
        if name == record.metric:
            allowed = limit
        if abs(now - then) > limit.value:
            found.append(
                Finding(
                    "predictions",
                    f"{name} is {now:.4f} instead of {then:.4f}: off by more than {limit.value:.4f} "
                    f"(3 √2 of the sd between seeds, {limit.sd:.4f})",
                )
            )
    return found, allowed
