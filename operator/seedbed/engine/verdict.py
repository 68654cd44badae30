"""How a goal ends, in types for machines and in sentences for people."""

from collections.abc import Sequence
from typing import Literal

from seedbed.api import ResearchGoal
from seedbed.api.asked import ESTIMANDS, at_least
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import Attempt, Claim, ExperimentLine, OtherClaim, Verdict
from seedbed.engine.experiment import weakest_assurance
from seedbed.engine.intervals import clopper_pearson_upper, in_short, mean, sample_sd
from seedbed.engine.standard import Standard

UNCHECKED = "; not checked by a shuffled-label control, which the goal switched off"


def build_claim(
    goal: ResearchGoal, standard: Standard, attempt: Attempt, runs: Sequence[RunStatus], line: ExperimentLine,
    spent: float,
) -> Claim:  # fmt: skip
    """The claim of an achieved attempt.

    Args:
        goal: what was asked.
        standard: the test that it passed.
        attempt: the attempt.
        runs: those that decided, in the order of their seeds.
        line: the candidate's exploration.
        spent: the α of all attempts so far.
    """
    objective, scores = goal.spec.objective, attempt.scores
    centre, bound = mean(scores), _bound(attempt)
    interval = standard.interval(runs) if objective.test == "Mean" else None
    validation = line.mean if line.mean is not None else centre
    return Claim(
        statement=_statement(goal, attempt, centre, bound),
        estimand=objective.estimand,
        test=objective.test,
        metric=objective.metric,
        target=attempt.target,
        attempt=attempt.attempt,
        experiment=attempt.experiment,
        index=attempt.index,
        n=len(scores),
        mean=centre,
        sd=sample_sd(scores),
        bound=bound,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        also=_also(goal, attempt),
        alpha=attempt.alpha,
        alpha_spent=spent,
        confidence=objective.confidence,
        diverged=attempt.diverged,
        divergence_bound=clopper_pearson_upper(attempt.diverged, len(scores)),
        validation_mean=validation,
        gap=validation - centre,
        assurance=weakest_assurance(runs) or "none",
        in_short=in_short(centre, interval, len(scores), attempt.diverged),
    )


def _bound(attempt: Attempt) -> float:
    """The bound that decided."""
    return attempt.reliability.bound if attempt.reliability else attempt.looks[-1].bound


def _also(goal: ResearchGoal, attempt: Attempt) -> list[OtherClaim]:
    looked = attempt.looks[-1].also if attempt.looks else []
    further = [each.target for each in goal.spec.objective.also] if looked else []
    further += [each.max for each in goal.spec.latencies] if looked else []
    return [
        OtherClaim(
            metric=each.metric, target=target, mean=each.mean, sd=each.sd, bound=each.bound
        )
        for each, target in zip(looked, further, strict=True)
    ]  # fmt: skip


def _statement(goal: ResearchGoal, attempt: Attempt, centre: float, bound: float) -> str:
    """The claim in one sentence: what holds, of what, by which evidence, with which confidence."""
    objective, n = goal.spec.objective, len(attempt.scores)
    reached = f"{objective.metric} on {goal.spec.dataset.name} reaches {attempt.target:.6g}"
    if objective.improvement is not None:
        reached += f", {100 * objective.improvement.by:g} % better than {objective.improvement.over}"
    unchecked = "" if goal.spec.integrity.control else UNCHECKED
    evidence = (
        f"({n} fresh seeds on the sealed test split, mean {centre:.4f}, attempt {attempt.attempt} "
        f"of at most {goal.spec.budget.confirmations}, {objective.confidence:.0%} confidence over the search)"
    )
    if objective.test == "Reliability":
        others = "".join(f" and {each.metric} {each.target:g}" for each in objective.also)
        others += "".join(f" within {each.max:g} ms a row" for each in goal.spec.latencies)
        share = f"at least {bound:.1%} of all seeds on this split of the data do, since all {n} did"
        held = f"with a share of {objective.rate:g} of all seeds: {share}"
        return f"{reached}{others} {held} {evidence}{unchecked}"
    held = f"{ESTIMANDS[objective.estimand]} is {at_least(objective.metric)} {bound:.4f}"
    others = "".join(
        f"; and {each.metric} reaches {each.target:g}: {at_least(each.metric)} {each.bound:.4f}"
        for each in _also(goal, attempt)
    )
    return f"{reached}: {held} {evidence}{others}{unchecked}"


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


InconclusiveReason = Literal[
    "SeedMissing", "BudgetEndedInConfirmation", "IntegrityBlocked", "HardwareDiffers", "PlannerFailed"
]  # fmt: skip


def inconclusive(reason: InconclusiveReason, why: str) -> Verdict:
    """Nothing can be said either way."""
    sentences = {
        "SeedMissing": "a seed could not be run, and no claim is made without it",
        "BudgetEndedInConfirmation": "the budget ended in the middle of a confirmation",
        "PlannerFailed": "the search ended before its budget did, for want of proposals",
        "HardwareDiffers": "no claim is made of a latency that was measured on different hardware",
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
