"""How well a candidate tells the classes apart: called by `build`, from the records of its runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from seedbed.report.content import ClassRow, Confusion
from seedbed.report.text import clean
from seedbed_runner.contract.metrics import commonest_mistakes
from seedbed_runner.contract.records import Card, ClassScores, RunResult

MOST_ROWS = 20


def confusion(
    names: Sequence[str], results: Mapping[str, Sequence[RunResult]], card: Card | None
) -> Confusion | None:
    """Of the first of these experiments whose runs tell what they took for what, summed over them."""
    for name in names:
        if scored := [each for each in results.get(name, ()) if each.confusion or each.mistakes]:
            counts = _summed([each.confusion or [] for each in scored])
            worst = commonest_mistakes(counts) if counts else _commonest(scored)
            classes = class_rows(scored, card)
            return Confusion(name, scored[0].split, len(scored), counts, tuple(worst), classes)
    return None


def _summed(matrices: Sequence[Sequence[Sequence[int]]]) -> tuple[tuple[int, ...], ...]:
    """Cell by cell; empty where a run's record has none."""
    if not all(matrices):
        return ()
    return tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*matrices, strict=True))


def _commonest(scored: Sequence[RunResult]) -> list[tuple[int, int, int]]:
    """The ten commonest of those that the records name."""
    rows: Counter[tuple[int, int]] = Counter()
    for each in (mistake for result in scored for mistake in result.mistakes):
        rows[each.label, each.predicted] += each.rows
    found = [(*pair, count) for pair, count in rows.items()]
    return sorted(found, key=lambda each: (-each[2], each[:2]))[:10]


def class_rows(scored: Sequence[RunResult], card: Card | None) -> tuple[ClassRow, ...]:
    """A row a class, the means over the runs; of the 20 with the least F1 where there are more.

    Empty where a run's record has no such numbers. With many classes a record tells of its worst alone: what
    is shown are those that all runs tell of.
    """
    by_run = [{each.label: each for each in result.by_class} for result in scored]
    common = set.intersection(*map(set, by_run)) if by_run else set()
    rows = [_row(_name(label, card), [run[label] for run in by_run]) for label in sorted(common)]
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    return tuple(sorted(rows, key=lambda row: row.f1)[:MOST_ROWS])


def _name(label: int, card: Card | None) -> str:
    known = card.class_names if card is not None else []
    return f"{label}: {clean(known[label], 60)}" if label < len(known) else str(label)


def _row(name: str, scores: Sequence[ClassScores]) -> ClassRow:
    return ClassRow(
        name,
        scores[0].rows,
        fmean(each.precision for each in scores),
        fmean(each.recall for each in scores),
        fmean(each.f1 for each in scores),
    )
