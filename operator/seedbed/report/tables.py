"""The report's tables: experiments, attempts, budget and runs, each row leading to its seeds."""

from collections.abc import Mapping, Sequence

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.progress import Attempt, ExperimentLine
from seedbed.engine.intervals import clopper_pearson_upper, mean, sample_sd, t_interval
from seedbed.engine.naming import confirmation_seeds, exploration_seeds
from seedbed.planning.contract import Proposal
from seedbed.report.content import AttemptRow, BudgetRow, ExperimentRow, RunRow
from seedbed.report.text import clean
from seedbed_runner.contract.failures import hint
from seedbed_runner.contract.records import RunResult

OUTCOMES = {
    "Dropped": "dropped",
    "NotNominated": "not nominated",
    "Failed": "failed",
    "SeedMissing": "seed missing",
    "ConstraintBroken": "breaks a constraint",
    "Blocked": "blocked",
    "ConfirmationFailed": "confirmation failed",
    "Confirmed": "confirmed",
}
_DECISIONS = {"Open": "open", "Achieved": "achieved", "Failed": "failed", "SeedMissing": "seed missing"}


def experiment_rows(
    goal: ResearchGoal, experiments: Sequence[Experiment], proposals: Mapping[int, Proposal]
) -> tuple[ExperimentRow, ...]:
    """Every exploration that settled, then those under way; superseded ones are no part of the search."""
    by_name = {each.metadata.name: each for each in experiments}
    lines = list(goal.status.experiments)
    settled = {line.name for line in lines}
    for each in experiments:
        under_way = each.spec.purpose == "Explore" and each.status.phase != "Superseded"
        if under_way and each.metadata.name not in settled and each.spec.index:
            lines.append(_line_so_far(each, each.spec.index))
    means = {line.index: line.mean for line in lines}
    return tuple(
        _experiment_row(goal, line, by_name.get(line.name), proposals.get(line.index), means)
        for line in sorted(lines, key=lambda line: line.index)
    )


def _line_so_far(experiment: Experiment, index: int) -> ExperimentLine:
    """What can be said of an exploration under way; its outcome is overwritten by its phase in the row."""
    scored = [run for run in experiment.status.runs if run.score is not None][:5]
    scores = [run.score for run in scored if run.score is not None]
    return ExperimentLine(
        index=index,
        name=experiment.metadata.name,
        outcome="NotNominated",
        reason="UnderWay",
        scores=scores,
        diverged=[run.diverged for run in scored],
        mean=mean(scores) if scores else None,
        sd=sample_sd(scores) if len(scores) > 1 else None,
        n=len(scores),
        parameters=scored[0].parameters if scored else None,
        seconds=sum(run.seconds for run in scored),
    )


def _experiment_row(
    goal: ResearchGoal,
    line: ExperimentLine,
    experiment: Experiment | None,
    proposal: Proposal | None,
    means: Mapping[int, float | None],
) -> ExperimentRow:
    under_way = line.reason == "UnderWay" and experiment is not None
    outcome = experiment.status.phase.lower() if under_way and experiment else OUTCOMES[line.outcome]
    converged = [score for score, away in zip(line.scores, line.diverged, strict=True) if not away]
    interval = t_interval(converged, goal.objective.confidence)
    diverged = sum(line.diverged)
    idea = proposal or (experiment.spec if experiment else None)
    parent = idea.parent if idea else None
    parent_mean = means.get(parent) if parent else None
    seeds = experiment.spec.seeds if experiment else exploration_seeds(goal.spec.seeds.root, len(line.scores))
    return ExperimentRow(
        index=line.index,
        name=line.name,
        outcome=outcome,
        why="" if under_way else _why(line),
        seeds=tuple(seeds[: len(line.scores)]),
        scores=tuple(line.scores),
        mean=line.mean,
        sd=line.sd,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        note="; ".join(filter(None, (_note(len(line.scores), len(converged)), line.assurance))),
        diverged=diverged,
        rate_bound=clopper_pearson_upper(diverged, len(line.scores)) if line.scores else None,
        parameters=line.parameters,
        seconds=line.seconds,
        hypothesis=clean(idea.hypothesis if idea else ""),
        change=clean(idea.change if idea else ""),
        expected_effect=clean(idea.expected_effect if idea else ""),
        parent=parent,
        difference=line.mean - parent_mean if line.mean is not None and parent_mean is not None else None,
    )


def _why(line: ExperimentLine) -> str:
    """The sentence of a failure, with what to do about it."""
    said, advice = clean(line.message or line.reason, 240), hint(line.reason)
    return f"{said} (try: {advice})" if said and advice and line.outcome == "Failed" else said


def _note(n: int, converged: int) -> str:
    """What must be said beside an interval, or in its place."""
    if n == 0:
        return ""
    if converged < 2:
        return "one seed" if n == 1 == converged else f"{converged or 'none'} converged"
    return "too few to decide" if converged == 2 else ""


def attempt_rows(goal: ResearchGoal, experiments: Sequence[Experiment]) -> tuple[AttemptRow, ...]:
    """Every confirmation with its looks."""
    seeds = {each.metadata.name: each.spec.seeds for each in experiments}
    return tuple(_attempt_row(goal, attempt, seeds) for attempt in goal.status.attempts)


def _attempt_row(goal: ResearchGoal, attempt: Attempt, seeds: Mapping[str, list[int]]) -> AttemptRow:
    root, used = goal.spec.seeds.root, len(attempt.scores)
    listed = seeds.get(attempt.experiment) or confirmation_seeds(root, attempt.attempt, used)
    return AttemptRow(
        number=attempt.attempt,
        index=attempt.index,
        experiment=attempt.experiment,
        alpha=attempt.alpha,
        target=attempt.target,
        last_chance=attempt.last_chance,
        outcome=_DECISIONS.get(attempt.outcome, attempt.outcome.lower()),
        message=clean(attempt.message, 240),
        seeds=tuple(listed[:used]),
        scores=tuple(attempt.scores),
        diverged=attempt.diverged,
        looks=tuple(attempt.looks),
        runs=attempt.runs,
        seconds=attempt.seconds,
    )


def budget_rows(goal: ResearchGoal) -> tuple[BudgetRow, ...]:
    """Used, reserved and allowed of every part of the budget that is counted."""
    budget, used, reserved = goal.spec.budget, goal.status.budget.used, goal.status.budget.reserved
    parts: list[tuple[str, float, float, float]] = [
        ("experiments", used.experiments, reserved.experiments, budget.experiments),
        ("confirmations", used.confirmations, reserved.confirmations, budget.confirmations),
        ("failures", used.failures, reserved.failures, budget.failures),
    ]
    if goal.spec.resources.gpus:
        parts.append(("GPU hours", used.gpu_hours, reserved.gpu_hours, budget.gpu_hours))
    if goal.spec.planner.type == "LLM":
        parts.append(("tokens", used.tokens, reserved.tokens, budget.tokens))
    return tuple(_budget_row(*part) for part in parts)


def _budget_row(what: str, used: float, reserved: float, limit: float) -> BudgetRow:
    share = min(1.0, used / limit) if limit else 0.0
    kept = min(1.0 - share, reserved / limit) if limit else 0.0
    return BudgetRow(what, f"{used:,.4g}", f"{reserved:,.4g}", f"{limit:,.4g}", share, kept)


def run_rows(results: Mapping[str, Sequence[RunResult]], letters: Mapping[str, str]) -> tuple[RunRow, ...]:
    """Every record, by experiment and seed; `letters` names the fingerprints, by `fingerprint_key`."""
    return tuple(
        RunRow(
            experiment=name,
            seed=result.seed,
            attempt=result.attempt,
            split=result.split,
            outcome="scored" if result.failure is None else clean(f"failed: {result.failure.reason}", 80),
            score=result.score,
            diverged=result.diverged,
            parameters=result.parameters,
            flops=result.flops,
            seconds=result.train_seconds,
            data_hash=result.data_hash,
            predictions=result.hashes.get("predictions", ""),
            fingerprint=letters.get(fingerprint_key(result), "–"),
            image=result.image,
        )
        for name in sorted(results)
        for result in sorted(results[name], key=lambda each: each.seed)
    )


def fingerprint_key(result: RunResult) -> str:
    """Equal for equal fingerprints; empty where there is none."""
    return repr(sorted(result.fingerprint.items())) if result.fingerprint else ""
