"""What a tracker is told of a run: made of its record, its Experiment, and the verdict of its goal."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.report.text import clean
from seedbed_runner.contract.diagnostics import curves_in, ends_in
from seedbed_runner.contract.records import RunResult

Value = str | int | float | bool


@dataclass(frozen=True)
class TrackedRun:
    """One run.

    Attributes:
        name: `digits-e001-s0`.
        group: its Experiment's name.
        scored: whether it ended in a score.
        config: settings by dotted name: data, model, training, seed.
        facts: purpose, assurance, hashes, failure: short texts by name.
        metrics: the record's numbers by name, `validation/accuracy`; finite.
        curves: what the trainer said of itself, a number an epoch; None where there is none.
        started_at, finished_at: seconds since the epoch.
        ended_at: when each epoch of the training ended, as the trainer said; empty: it is not known.
    """

    name: str
    group: str
    scored: bool
    config: Mapping[str, Value]
    facts: Mapping[str, str]
    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[float | None]]
    started_at: float
    finished_at: float
    ended_at: Sequence[float] = ()

    def steps(self) -> Iterator[tuple[int, float, dict[str, float]]]:
        """The curves by epoch, from 1: when it ended, or else the run, and the values that there are."""
        for epoch in range(1, max(map(len, self.curves.values()), default=0) + 1):
            row = {name: curve[epoch - 1] for name, curve in self.curves.items() if epoch <= len(curve)}
            at = self.ended_at[epoch - 1] if epoch <= len(self.ended_at) else self.finished_at
            told = {f"self_reported/{name}": value for name, value in row.items() if value is not None}
            yield epoch, at, told


def tracked_run(experiment: Experiment, result: RunResult, diagnostics: Any) -> TrackedRun:
    """One run as trackers are told of it; `diagnostics` may be anything."""
    return TrackedRun(
        name=f"{experiment.metadata.name}-s{result.seed}",
        group=experiment.metadata.name,
        scored=result.outcome == "Scored",
        config={"seed": result.seed, **_config(experiment)},
        facts=_facts(result),
        metrics=_metrics(result),
        curves=curves_in(diagnostics),
        started_at=result.started_at,
        finished_at=result.finished_at,
        ended_at=ends_in(diagnostics, result.started_at, result.finished_at),
    )


def verdict_facts(goal: ResearchGoal) -> dict[str, str]:
    """The goal, and what became of it, in short texts."""
    status = goal.status
    found = {"goal": goal.metadata.name, "goal.asked": goal.spec.goal, "goal.phase": status.phase}
    if status.verdict is not None:
        found |= {"goal.verdict": status.verdict.verdict, "goal.message": status.verdict.message}
    if status.claim is not None:
        found |= {"goal.claim": status.claim.statement, "goal.claimed_by": status.claim.experiment}
    return {name: clean(text, 400) for name, text in found.items()}


def flat(values: Any, name: str = "") -> Iterator[tuple[str, Value]]:
    """Nested objects as dotted names; lists and whatever is no plain value as text."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, bool | int | float):
        yield name, values
    elif values is not None:
        yield name, clean(str(values), 400)


def _config(experiment: Experiment) -> dict[str, Value]:
    spec = experiment.spec
    documents = {
        "dataset": spec.dataset.document(),
        "model": spec.model.document(),
        "training": spec.training.document(),
    }
    return dict(flat(documents))


def _facts(result: RunResult) -> dict[str, str]:
    found = {name: str(getattr(result, name)) for name in ("experiment", "purpose", "split", "outcome")}
    found |= {name: str(getattr(result, name)) for name in ("metric", "diverged", "assurance", "attempt")}
    found |= {"data_hash": result.data_hash, "experiment_hash": result.experiment_hash}
    found |= {f"hash.{name}": digest for name, digest in result.hashes.items()}
    if result.failure is not None:
        found["failure"] = f"{result.failure.reason}: {result.failure.message}"
    return {name: clean(text, 400) for name, text in found.items()}


def _metrics(result: RunResult) -> dict[str, float]:
    costs = {name: getattr(result, name) for name in ("parameters", "train_seconds", "peak_memory_bytes")}
    named = {f"{result.split}/{name}": value for name, value in result.metrics.items()}
    named |= {f"cost/{name}": float(value) for name, value in costs.items() if value is not None}
    return {name: value for name, value in named.items() if math.isfinite(value)}
