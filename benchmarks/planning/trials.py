"""One search on one surface, by the engine's own rules, for any way to propose.

`rehearsal.rehearse` draws a candidate only when those before it are settled, so a proposal can depend on what
became of those in its sight: 1 … k − parallel, as the engine shows them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from surfaces import Surface

from seedbed.api.progress import ExperimentLine
from seedbed.engine.intervals import mean
from seedbed.engine.rehearsal import Candidate, Rehearsed, Rules, rehearse
from seedbed.planning.dimensions import Settings


@dataclass(frozen=True)
class Settled:
    """One experiment: what was tried, and how the goal would tell of it."""

    settings: Settings
    line: ExperimentLine


class Proposer(Protocol):
    """A way to search, with a memory of its own."""

    def __call__(self, known: Sequence[Settled], pending: Sequence[Settings]) -> Settings:
        """What to try next, knowing the first experiments and, of those after them, the settings alone."""
        ...


@dataclass(frozen=True)
class Spent:
    """What a search took; `reached` is False where the budget or the attempts were spent before."""

    reached: bool
    experiments: int
    seeds: int


@dataclass(frozen=True)
class Trial:
    """A search that is yet to be run: at most `budget` experiments."""

    surface: Surface
    rules: Rules
    budget: int

    def run(self, propose: Proposer, noise: Random) -> Spent:
        """Search until a candidate is confirmed, or everything is spent."""
        done = Rehearsed()
        rehearse(self.rules, self._candidates(propose, noise, done), done)
        return Spent(done.winner is not None, len(done.outcomes), done.seeds)

    def _candidates(self, propose: Proposer, noise: Random, done: Rehearsed) -> Iterator[Candidate]:
        settled: list[Settled] = []
        while len(settled) < self.budget:
            seen = max(0, len(settled) + 1 - self.rules.parallel)
            settings = propose(settled[:seen], [each.settings for each in settled[seen:]])
            candidate, before = self._candidate(settings, noise), done.explored
            yield candidate
            settled.append(Settled(settings, self._line(settings, candidate, done, done.explored - before)))

    def _candidate(self, settings: Settings, noise: Random) -> Candidate:
        """All scores that it could need; what fails scores at chance, which ends it at its first seed too."""
        explore, confirm = self.rules.explore, self.rules.confirm
        scores = self.surface.scores(settings, explore + confirm, noise)
        lost = self.surface.is_lost(settings)
        return Candidate(scores[:explore], scores[explore:], (lost,) * explore)

    def _line(self, settings: Settings, candidate: Candidate, done: Rehearsed, seeds: int) -> ExperimentLine:
        """As `exploration.line` tells it: a failed experiment has no score."""
        index = len(done.outcomes)
        if self.surface.fails(settings):
            return ExperimentLine(index=index, name=f"e{index}", outcome="Failed", reason="OutOfMemory")
        scores = list(candidate.validation[:seeds])
        told = {"outcome": done.outcomes[-1], "scores": scores, "mean": mean(scores), "n": seeds}
        merit = (mean(scores) - self.rules.target) / self.rules.prior_sd
        return ExperimentLine.model_validate({"index": index, "name": f"e{index}", "merit": merit, **told})
