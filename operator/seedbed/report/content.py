"""The plain values that a report shows. Every score stands beside its experiment and its seeds."""

from dataclasses import dataclass
from typing import Literal

from seedbed.api.progress import Look
from seedbed_runner.contract.metrics import Direction

Tone = Literal["good", "bad", "open"]


@dataclass(frozen=True)
class Fact:
    """One labelled statement."""

    label: str
    text: str


@dataclass(frozen=True)
class Heading:
    """What the report says first.

    Attributes:
        verdict: in two words at most.
        sentence: the verdict's own sentence.
        tone: how it is coloured; the words say the same.
    """

    verdict: str
    sentence: str
    tone: Tone


@dataclass(frozen=True)
class Baseline:
    """A baseline of the card, on the validation split."""

    name: str
    score: float
    meets_target: bool


@dataclass(frozen=True)
class ExperimentRow:
    """One exploration, on the validation split; nothing in it is corrected for selection.

    Attributes:
        low, high: t interval over the converged seeds; None under two of them.
        note: what the interval can't carry, in words; empty when it can.
        difference: mean less the parent's mean.
        rate_bound: upper bound on the rate of diverged seeds; None without a score.
    """

    index: int
    name: str
    outcome: str
    why: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    note: str
    diverged: int
    rate_bound: float | None
    parameters: int | None
    seconds: float
    hypothesis: str
    change: str
    expected_effect: str
    parent: int | None
    difference: float | None

    @property
    def n(self) -> int:
        """How many seeds have a score."""
        return len(self.scores)


@dataclass(frozen=True)
class Thought:
    """One paragraph of the line of thought, in words; empty where nothing is kept.

    Attributes:
        name: of the experiment; empty where none is part of the search.
        origin: how the planning LLM, or the search planner in its place, came to it.
    """

    index: int
    name: str
    parent: int | None
    believed: str
    changed: str
    expected: str
    outcome: str
    came_out: str
    origin: str


@dataclass(frozen=True)
class AttemptRow:
    """One confirmation, on the test split: its seeds and scores in order, and every look at them."""

    number: int
    index: int
    experiment: str
    alpha: float
    target: float
    last_chance: bool
    outcome: str
    message: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    diverged: int
    looks: tuple[Look, ...]
    runs: int
    seconds: float


@dataclass(frozen=True)
class BudgetRow:
    """One part of the budget; `limit` is None where there is none, shares are of the limit."""

    what: str
    used: str
    reserved: str
    limit: str
    used_share: float
    reserved_share: float


@dataclass(frozen=True)
class RunRow:
    """One run's record: where every number comes from."""

    experiment: str
    seed: int
    attempt: int
    split: str
    outcome: str
    score: float | None
    diverged: bool
    parameters: int | None
    flops: int | None
    seconds: float
    data_hash: str
    predictions: str
    fingerprint: str
    image: str | None


@dataclass(frozen=True)
class Curve:
    """One run's self-reported training loss, an epoch a value."""

    experiment: str
    seed: int
    loss: tuple[float, ...]


@dataclass(frozen=True)
class ClassRow:
    """One class: how many rows are of it, and its precision, recall and F1, each the mean over the runs."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Confusion:
    """What a candidate's runs took for what, summed over them.

    Attributes:
        counts: true class (rows) by predicted class (columns); empty where there are too many for a record.
        worst: (true class, predicted class, count) of the ten commonest mistakes.
    """

    experiment: str
    split: str
    runs: int
    counts: tuple[tuple[int, ...], ...]
    worst: tuple[tuple[int, int, int], ...]
    classes: tuple[ClassRow, ...] = ()


@dataclass(frozen=True)
class Report:
    """All that a report says, in the order in which it says it."""

    name: str
    goal: str
    metric: str
    asked: str
    direction: Direction
    target: float | None
    confidence: float
    heading: Heading
    evidence: tuple[Fact, ...]
    next_steps: tuple[str, ...]
    data: tuple[Fact, ...]
    baselines: tuple[Baseline, ...]
    experiments: tuple[ExperimentRow, ...]
    best: int | None
    thoughts: tuple[Thought, ...]
    attempts: tuple[AttemptRow, ...]
    test_set: tuple[Fact, ...]
    confusion: Confusion | None
    curves: tuple[Curve, ...]
    budget: tuple[BudgetRow, ...]
    effort: tuple[Fact, ...]
    remarks: tuple[str, ...]
    again: tuple[Fact, ...]
    manifest: str
    fingerprints: tuple[tuple[str, tuple[Fact, ...]], ...]
    runs: tuple[RunRow, ...]
