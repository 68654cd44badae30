"""A comparison of Experiments in words and as a document: called by `research-agent compare`."""

from collections.abc import Sequence
from typing import Any

from seedbed.engine.comparison import Comparison
from seedbed.report.comparison import Sample, SideBySide, finding, orientation
from seedbed.report.text import count, interval, percent

FEW = 5


def sentence(comparison: Comparison, beside: SideBySide) -> str:
    """One comparison in words; a difference is positive where B is better."""
    told, by = finding(comparison, beside.confidence), comparison.difference
    a, b, low, high = comparison.a, comparison.b, by.interval.low, by.interval.high
    if told == "Worse":
        head, low, high = f"{b} is worse than {a} by {-by.value:.4f}", -high, -low
    elif told == "Better":
        head = f"{b} is better than {a} by {by.value:.4f}"
    else:
        few = ": two seeds are too few to decide" if told == "TooFew" else ""
        head = f"{b} can't be told from {a}{few}; ahead by {by.value:+.4f}"
    ends = f"{percent(beside.confidence)} interval {interval(low, high)}"
    return f"{head}, {ends}, {p_in_words(comparison, beside)}"


def p_in_words(comparison: Comparison, beside: SideBySide) -> str:
    """`p = 0.0123`, and which p it is."""
    kind = " (Holm)" if len(beside.comparisons) > 1 else ""
    p = comparison.p_adjusted
    return f"p{kind} < 0.0001" if p < 1e-4 else f"p{kind} = {p:.4f}"


def remarks(beside: SideBySide) -> list[str]:
    """What the numbers can't carry."""
    samples, test = beside.samples, "Student's t of pairs" if beside.paired else "Welch's t"
    first = samples[0]
    where = f"{beside.metric.title} on the {first.split} split of {first.items} items"
    said = [f"{where}; {test}, for near-normal scores. An estimate over these seeds, no claim."]
    if made := [each for each in samples if each.goal is not None]:
        said.append(_after_selection(made))
    if len(beside.comparisons) > 1:
        said.append("Intervals are each for itself; only the p values allow for the list.")
    if min(len(each.seeds) for each in samples) < FEW:
        said.append(
            f"With fewer than {FEW} seeds of one, p is rough: too many equal pairs come out as different."
        )
    for each in samples:
        if each.diverged:
            seeds = count(len(each.seeds), "seed")
            said.append(f"{each.diverged} of {seeds} of {each.name} diverged; they are in its mean.")
        if each.unscored:
            failed = count(each.unscored, "seed")
            said.append(
                f"{failed} of {each.name} failed, in no number here: the others may be the lucky ones."
            )
    return said


def _after_selection(made: Sequence[Sample]) -> str:
    if any(each.purpose == "Explore" for each in made):
        return (
            "Explorations are compared after selection: the search saw these scores, and neither p nor "
            "intervals are corrected for it."
        )
    return "A confirmation ends when its scores decide it: neither p nor intervals are corrected for it."


def document(beside: SideBySide) -> dict[str, Any]:
    """For programs: `aheadBy` and its interval are positive where `b` is better than `a`."""
    first = beside.samples[0]
    return {
        "metric": first.metric,
        "direction": orientation(beside.metric).direction,
        "split": first.split,
        "dataHash": first.data_hash,
        "confidence": beside.confidence,
        "paired": beside.paired,
        "experiments": [_sample_document(each, beside) for each in beside.samples],
        "comparisons": [
            _pair_document(each) | {"finding": finding(each, beside.confidence)}
            for each in beside.comparisons
        ],
        "remarks": remarks(beside),
    }


def _sample_document(sample: Sample, beside: SideBySide) -> dict[str, Any]:
    found = beside.interval_of(sample)
    return {
        "name": sample.name,
        "seeds": sample.seeds,
        "scores": sample.scores,
        "mean": sample.mean,
        "sd": sample.sd,
        "low": found.low,
        "high": found.high,
        "diverged": sample.diverged,
        "unscored": sample.unscored,
    }


def _pair_document(pair: Comparison) -> dict[str, Any]:
    by, effect = pair.difference, pair.effect
    return {
        "a": pair.a,
        "b": pair.b,
        "aheadBy": by.value,
        "low": by.interval.low,
        "high": by.interval.high,
        "t": by.statistic,
        "degrees": by.degrees,
        "p": by.p,
        "pHolm": pair.p_adjusted,
        "g": effect.g,
        "gLow": effect.low,
        "gHigh": effect.high,
        "superiority": pair.superiority,
    }
