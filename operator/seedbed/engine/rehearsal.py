"""A whole search on scores that are given, by the rules of `engine.search` without its resources.

For planning (`engine.power`) and for the benchmark of the claims, which need thousands of searches. Only what
the statistics decide is here: drops, nominations, confirmations, the last chance, in the order of index, with
σ̂ seeing candidates up to k − parallel. A test holds it to `decide_goal` decision by decision. Seeds of
candidates that were under way when the goal was decided are not counted, as in the goal's own counts.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from seedbed.engine.claims import LookResult, attempt_alpha, confirm, drops, nomination_threshold
from seedbed.engine.intervals import MINIMUM_POOLED_DEGREES, SeedScores, mean, sample_sd


@dataclass(frozen=True)
class Rules:
    """What a goal fixes beforehand; resolutions are the metric's on the validation and on the test split."""

    target: float
    bound: float
    validation_resolution: float
    test_resolution: float
    prior_sd: float = 0.01
    confidence: float = 0.95
    explore: int = 2
    confirm: int = 12
    confirmations: int = 5
    parallel: int = 2


@dataclass(frozen=True)
class Candidate:
    """The scores that one candidate would have, in the order of its seeds: explored, and confirmed."""

    validation: Sequence[float]
    test: Sequence[float]
    diverged: Sequence[bool] = ()

    def explored(self, count: int) -> SeedScores:
        """Its first `count` exploration seeds."""
        flags = self.diverged[:count] if self.diverged else (False,) * count
        return SeedScores(tuple(self.validation[:count]), tuple(flags))


@dataclass
class Rehearsed:
    """What became of a search: outcomes by index from 1, attempts as (index, path), seeds spent."""

    outcomes: list[str] = field(default_factory=list)
    attempts: list[tuple[int, list[LookResult]]] = field(default_factory=list)
    explored: int = 0

    @property
    def winner(self) -> int | None:
        """Index of the candidate that was claimed to reach the target."""
        index, path = self.attempts[-1] if self.attempts else (0, [])
        return index if path and path[-1].decision == "Achieved" else None

    @property
    def confirmed(self) -> int:
        """Seeds of all confirmations."""
        return sum(path[-1].n for _, path in self.attempts)

    @property
    def seeds(self) -> int:
        """Seeds of the whole search."""
        return self.explored + self.confirmed


class RunningSd:
    """`intervals.pooled_sd`, candidate after candidate: the same bits, each candidate looked at once."""

    def __init__(self, target: float, prior_sd: float) -> None:
        self.near, self.prior_sd = target - 3 * prior_sd, prior_sd
        self.squares: list[float] = []
        self.degrees = 0

    def add(self, candidate: SeedScores) -> None:
        """One more candidate to pool, if it is near the target."""
        kept = candidate.converged
        if len(kept) >= 2 and mean(candidate.scores) >= self.near:
            self.squares.append((len(kept) - 1) * sample_sd(kept) ** 2)
            self.degrees += len(kept) - 1

    @property
    def value(self) -> float:
        """σ̂ of the candidates so far."""
        if self.degrees < MINIMUM_POOLED_DEGREES:
            return self.prior_sd
        return math.sqrt(math.fsum(self.squares) / self.degrees)


def rehearse(rules: Rules, candidates: Iterable[Candidate], done: Rehearsed | None = None) -> Rehearsed:
    """Search among `candidates` in their order, until one is confirmed or nothing is left to try.

    Args:
        rules: of the goal.
        candidates: each is drawn when those before it are settled.
        done: filled as the search goes on, for candidates that depend on what became of earlier ones.
    """
    done, pool = done or Rehearsed(), RunningSd(rules.target, rules.prior_sd)
    waiting: list[SeedScores] = []  # settled, and not yet in sight of the next candidate
    kept: list[tuple[float, int, Candidate]] = []
    for index, candidate in enumerate(candidates, start=1):
        if len(waiting) >= rules.parallel:
            pool.add(waiting.pop(0))
        seeds, dropped = _explore(rules, candidate, pool.value)
        done.explored += len(seeds.scores)
        waiting.append(seeds)
        done.outcomes.append("Dropped" if dropped else "NotNominated")
        if dropped:
            continue
        centre = mean(seeds.scores)
        if centre >= _threshold(rules, done, pool.value) and len(done.attempts) < rules.confirmations:
            _confirm(rules, done, index, candidate)
            if done.winner or len(done.attempts) >= rules.confirmations:
                return done
        else:
            kept.append((centre, -index, candidate))
    _last_chances(rules, done, kept)
    return done


def _explore(rules: Rules, candidate: Candidate, sd: float) -> tuple[SeedScores, bool]:
    """The exploration seeds that run, and whether the candidate is dropped."""
    for count in range(1, rules.explore + 1):
        if drops(candidate.validation[:count], rules.target, sd):
            return candidate.explored(count), True
    return candidate.explored(rules.explore), False


def _threshold(rules: Rules, done: Rehearsed, sd: float) -> float:
    number = len(done.attempts) + 1
    return nomination_threshold(number, rules.target, sd, rules.bound, rules.validation_resolution)


def _confirm(rules: Rules, done: Rehearsed, index: int, candidate: Candidate) -> None:
    """The next attempt, for this candidate."""
    alpha = attempt_alpha(len(done.attempts) + 1, rules.confidence)
    path = confirm(candidate.test, alpha, rules.target, rules.test_resolution, rules.confirm)
    done.attempts.append((index, path))
    done.outcomes[index - 1] = "Confirmed" if done.winner else "ConfirmationFailed"


def _last_chances(rules: Rules, done: Rehearsed, kept: list[tuple[float, int, Candidate]]) -> None:
    """Nothing else can start: the candidates left, best validation mean first, while attempts last."""
    for _, minus_index, candidate in sorted(kept, key=lambda each: each[:2], reverse=True):
        if done.winner or len(done.attempts) >= rules.confirmations:
            return
        _confirm(rules, done, -minus_index, candidate)
