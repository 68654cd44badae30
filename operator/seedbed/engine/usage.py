"""What a test split has been used for: the ledger's entries added up, by split and by source.

Of each use the last entry counts, so an entry that was read twice, or one that a later one goes beyond,
changes nothing. Runs that have begun and of which nothing was said since may have come to a score: they are
counted apart, as `pending`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from seedbed.engine.ledger import Entry

Item = TypeVar("Item")


@dataclass(frozen=True)
class Use:
    """One Experiment on one test split.

    Attributes:
        entry: the last one about it.
        evaluations: runs that were scored, as far as it is known.
        pending: runs beyond those that may have been scored too.
    """

    entry: Entry
    evaluations: int
    pending: int

    @property
    def touched(self) -> bool:
        """Whether the test split was, or may have been, looked at."""
        return self.evaluations + self.pending > 0


@dataclass(frozen=True)
class Usage:
    """Uses added up: of a goal, of a split, or of a whole source.

    Attributes:
        evaluations: runs scored on a test split.
        pending: runs that may have been scored too.
        configurations: distinct ones among those that were, or may have been, scored.
        attempts: confirmations of goals.
        alpha: the attempts' shares of α together.
        goals: names of the goals served, each UID once, sorted.
        experiments: names of the Experiments that stand alone, sorted.
        last: when anything was entered last, in seconds since the epoch.
    """

    evaluations: int
    pending: int
    configurations: int
    attempts: int
    alpha: float
    goals: tuple[str, ...]
    experiments: tuple[str, ...]
    last: float


@dataclass(frozen=True)
class SplitUsage:
    """One split of a source, in words, and what it was used for."""

    data_hash: str
    dataset: str
    split: str
    usage: Usage


@dataclass(frozen=True)
class SourceUsage:
    """One source: its splits, the last used one first, and all of them together."""

    source_hash: str
    dataset: str
    splits: tuple[SplitUsage, ...]
    usage: Usage


def uses(entries: Iterable[Entry]) -> list[Use]:
    """Each use once, in the order of their keys."""
    grouped = _grouped(entries, lambda entry: f"{entry.source_hash}/{entry.use}")
    return [_use(grouped[key]) for key in sorted(grouped)]


def _use(entries: list[Entry]) -> Use:
    last = max(entries, key=_extent)
    told = max((entry for entry in entries if entry.scored is not None), key=_extent, default=None)
    if told is None:
        return Use(last, 0, last.begun)
    return Use(last, told.scored or 0, last.begun - told.begun)


def _extent(entry: Entry) -> tuple[int, int]:
    """How far an entry goes: the order of their keys."""
    return entry.begun, -1 if entry.scored is None else entry.scored


def add_up(of: Iterable[Use]) -> Usage:
    """Uses of whatever split together."""
    found = list(of)
    entries = [use.entry for use in found]
    owners = {entry.owner: entry for entry in entries}.values()
    return Usage(
        evaluations=sum(use.evaluations for use in found),
        pending=sum(use.pending for use in found),
        configurations=len({(u.entry.data_hash, u.entry.configuration) for u in found if u.touched}),
        attempts=sum(entry.attempt is not None for entry in entries),
        alpha=sum(entry.alpha for entry in entries),
        goals=tuple(sorted(entry.goal for entry in owners if entry.goal is not None)),
        experiments=tuple(sorted(entry.experiment for entry in owners if entry.goal is None)),
        last=max((entry.at for entry in entries), default=0.0),
    )


def by_source(entries: Iterable[Entry]) -> list[SourceUsage]:
    """Every source, in the order of their datasets' names."""
    sources = _grouped(uses(entries), lambda use: use.entry.source_hash)
    found = [_source(of_source) for of_source in sources.values()]
    return sorted(found, key=lambda source: (source.dataset, source.source_hash))


def _source(of_source: list[Use]) -> SourceUsage:
    splits = [_split(each) for each in _grouped(of_source, lambda use: use.entry.data_hash).values()]
    splits.sort(key=lambda split: (-split.usage.last, split.data_hash))
    source = of_source[0].entry.source_hash
    return SourceUsage(source, splits[0].dataset, tuple(splits), add_up(of_source))


def _split(of_split: list[Use]) -> SplitUsage:
    last = max((use.entry for use in of_split), key=lambda entry: entry.at)
    return SplitUsage(last.data_hash, last.dataset, last.split, add_up(of_split))


def _grouped(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
