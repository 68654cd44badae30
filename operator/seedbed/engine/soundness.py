"""Whether a run's record agrees with itself and with its data's card: looked at once, when it is adopted.

The scorer writes it, so none of this ever fails while scorer and store do what they should; a record that was
forged, or written by another version's scorer, is one that must not carry a claim.
"""

from collections.abc import Iterator

from seedbed.api import ExperimentSpec
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import Card, RunResult

TOLERANCE = 1e-9  # of a share of items; the scorer's own arithmetic is float64


def unsound(record: RunResult, spec: ExperimentSpec, card: Card | None) -> str | None:
    """What of a scored record contradicts the rest, in words; None if nothing does, or if it has no score."""
    if record.outcome != "Scored":
        return None
    return next(_contradictions(record, spec, card), None)


def _contradictions(record: RunResult, spec: ExperimentSpec, card: Card | None) -> Iterator[str]:
    metric, score = METRICS[spec.metric], record.score
    if (record.metric, record.purpose) != (spec.metric, spec.purpose):
        yield f"it is of {record.purpose} by {record.metric}, not of {spec.purpose} by {spec.metric}"
    if record.assurance == "trusted-code" and spec.model.source is not None:
        yield "it says trusted-code, and its model is code that is not ours"
    if record.purpose == "Confirm" and spec.model.source is not None and not record.repredicted:
        yield "its predictions were not made again from its weights, as a confirmation of code must"
    if record.split != ("test" if spec.purpose == "Confirm" else "validation"):
        yield f"{spec.purpose} was scored on the {record.split} split"
    if spec.latency and (record.latency_ms is None or record.latency_ms <= 0):
        yield f"its latency is {record.latency_ms}, which no model has"
    low, high = sorted((metric.worst, metric.bound))
    if score is None or not low <= score <= high:
        yield f"its score is {score}, and {metric.name} is within [{low:g}, {high:g}]"
    elif record.metrics.get(metric.name) != score:
        yield f"its score is {score:g} but its {metric.name} is {record.metrics.get(metric.name)}"
    if card is not None and record.items != card.sizes[record.split]:
        yield f"it scored {record.items} items of {card.sizes[record.split]} in the {record.split} split"
    if record.confusion is not None:
        yield from _confusion_contradictions(record, record.confusion)
    yield from _mistake_contradictions(record)


def _mistake_contradictions(record: RunResult) -> Iterator[str]:
    """Of many classes a record names its commonest mistakes alone: no more than it made."""
    named, accuracy = sum(each.rows for each in record.mistakes), record.metrics.get("accuracy", 0.0)
    if named > record.items * (1 - accuracy + TOLERANCE):
        yield f"it names {named} mistakes among {record.items} items, its accuracy is {accuracy}"


def _confusion_contradictions(record: RunResult, confusion: list[list[int]]) -> Iterator[str]:
    counted = sum(map(sum, confusion))
    if counted != record.items:
        yield f"its confusion counts {counted} items of {record.items}"
        return
    right = sum(row[place] for place, row in enumerate(confusion)) / max(1, counted)
    accuracy = record.metrics.get("accuracy")
    if accuracy is None or abs(right - accuracy) > TOLERANCE:
        yield f"its confusion gives an accuracy of {right:.6f}, its metrics {accuracy}"
