"""How a goal ends, in types for machines and in sentences for people."""

from collections.abc import Sequence
from typing import Literal

from seedbed.api import ResearchGoal
from seedbed.api.goal import Attempt, Claim, ExperimentLine, Verdict
from seedbed.engine.claims import repeated_interval
from seedbed.engine.intervals import clopper_pearson_upper

ESTIMANDS = {"Benchmark": "the mean over training randomness on this split of the data"}


def build_claim(
    goal: ResearchGoal, attempt: Attempt, line: ExperimentLine, spent: float, assurance: str
) -> Claim:
    """The claim of an achieved attempt; `spent` is the α of all attempts so far."""
    objective, final = goal.spec.objective, attempt.looks[-1]
    scores = attempt.scores[: final.n]
    interval = repeated_interval(scores, objective.confidence)
    statement = (
        f"{objective.metric} on {goal.spec.dataset.name} reaches {objective.target:g}: "
        f"{ESTIMANDS[objective.estimand]} is at least {final.bound:.4f} "
        f"({final.n} fresh seeds on the sealed test split, mean {final.mean:.4f}, attempt {attempt.attempt} "
        f"of at most {goal.spec.budget.confirmations}, {objective.confidence:.0%} confidence over the search)"
    )
    if not goal.spec.integrity.control:
        statement += "; not checked by a shuffled-label control, which the goal switched off"
    validation = line.mean if line.mean is not None else final.mean
    return Claim(
        statement=statement,
        estimand=objective.estimand,
        metric=objective.metric,
        target=objective.target,
        attempt=attempt.attempt,
        experiment=attempt.experiment,
        index=attempt.index,
        n=final.n,
        mean=final.mean,
        sd=final.sd,
        bound=final.bound,
        low=interval.low,
        high=interval.high,
        alpha=attempt.alpha,
        alpha_spent=spent,
        confidence=objective.confidence,
        diverged=attempt.diverged,
        divergence_bound=clopper_pearson_upper(attempt.diverged, final.n),
        validation_mean=validation,
        gap=validation - final.mean,
        assurance=assurance,
    )


def achieved(claim: Claim) -> Verdict:
    """The goal is reached."""
    return Verdict(verdict="Achieved", reason="Confirmed", message=claim.statement)


NotAchievedReason = Literal["NeverNominated", "ConfirmationFailed", "AttemptsSpent", "BudgetSpent"]


def not_achieved(reason: NotAchievedReason, why: str) -> Verdict:
    """The goal was not shown to be reached; that is no proof that it can't be."""
    sentences = {
        "NeverNominated": "no candidate came near enough to the target on validation to be confirmed",
        "ConfirmationFailed": "every candidate that was nominated failed its confirmation on fresh seeds",
        "AttemptsSpent": "every attempt to confirm failed, and the budget allows no other",
        "BudgetSpent": "the budget ended before a candidate was confirmed",
    }
    return Verdict(verdict="NotAchieved", reason=reason, message=f"not shown: {sentences[reason]} ({why})")


InconclusiveReason = Literal["SeedMissing", "BudgetEndedInConfirmation", "IntegrityBlocked"]


def inconclusive(reason: InconclusiveReason, why: str) -> Verdict:
    """Nothing can be said either way."""
    sentences = {
        "SeedMissing": "a seed could not be run, and no claim is made without it",
        "BudgetEndedInConfirmation": "the budget ended in the middle of a confirmation",
        "IntegrityBlocked": "no claim is made from runs whose integrity is in doubt",
    }
    return Verdict(verdict="Inconclusive", reason=reason, message=f"{sentences[reason]} ({why})")


def exhausted(
    lines: Sequence[ExperimentLine], attempts: Sequence[Attempt], spec_experiments: int, why: str
) -> Verdict:
    """The verdict when neither an experiment nor a confirmation can start any more."""
    if attempts:
        return not_achieved("ConfirmationFailed", why)
    if lines and all(line.outcome == "SeedMissing" for line in lines):
        return inconclusive("SeedMissing", lines[-1].message or why)
    reason: NotAchievedReason = "BudgetSpent" if len(lines) < spec_experiments else "NeverNominated"
    if lines and all(line.outcome == "Failed" for line in lines):
        last = f"the last one by {lines[-1].reason}: {lines[-1].message}"
        message = f"not shown: every experiment failed, {last} ({why})"
        return Verdict(verdict="NotAchieved", reason=reason, message=message)
    return not_achieved(reason, why)
