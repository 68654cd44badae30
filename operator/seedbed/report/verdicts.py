"""The verdict in words, and what it rests on: called by `build`."""

from seedbed.api import ResearchGoal
from seedbed.api.goal import Attempt, Best, Claim
from seedbed.engine.gate import in_words
from seedbed.engine.verdict import ESTIMANDS
from seedbed.report.content import Fact, Heading
from seedbed.report.text import clean, count, interval, percent, score, signed

_HEADINGS = {"Achieved": "Achieved", "NotAchieved": "Not achieved", "Inconclusive": "Inconclusive"}
_ASSURANCES = {
    "trusted-code": "trusted-code: the model is made of Seedbed's own layers, no foreign code ran",
    "sealed": "sealed: the model's code ran without network, labels or credentials",
}


def heading(goal: ResearchGoal) -> Heading:
    """What the report says first: the verdict, or how far the goal is."""
    status = goal.status
    if status.verdict is not None:
        verdict = status.verdict.verdict
        return Heading(
            _HEADINGS[verdict], clean(status.verdict.message), "good" if verdict == "Achieved" else "bad"
        )
    if status.phase == "Refused":
        return Heading("Refused", _condition(goal, "Accepted"), "bad")
    if status.phase == "Failed":
        return Heading("Failed", _condition(goal, "DatasetReady"), "bad")
    settled = count(status.counts.experiments, "experiment")
    attempts = count(len(status.attempts), "confirmation")
    return Heading(
        "Not finished", f"{status.phase.lower()}: {settled} settled so far, {attempts} begun", "open"
    )


def _condition(goal: ResearchGoal, kind: str) -> str:
    """The sentence of a condition."""
    return next((clean(c.message) for c in goal.status.conditions if c.type == kind), "")


def evidence(goal: ResearchGoal) -> tuple[Fact, ...]:
    """What the verdict rests on: a claim's evidence, or what is known without one."""
    status = goal.status
    if status.claim is not None:
        return _claim_evidence(goal, status.claim)
    facts = []
    if status.attempts:
        facts.append(Fact("Attempts", _attempts_so_far(goal)))
        if status.attempts[-1].looks:
            facts.append(Fact("Last confirmation", _last_look(status.attempts[-1])))
    facts += integrity_facts(goal)
    if status.best is not None:
        facts.append(Fact("Best exploration", _best(status.best, goal.spec.objective.confidence)))
    if facts:
        facts.append(Fact("Estimand", _estimand(goal.spec.objective.estimand)))
    return tuple(facts)


def _best(best: Best, confidence: float) -> str:
    text = f"{best.experiment}: validation mean {score(best.mean)} over {count(best.n, 'seed')}"
    if best.low is not None:
        few = ", too few to decide" if best.n == 2 else ""
        text += f", {percent(confidence)} interval {interval(best.low, best.high)}{few}"
    return f"{text}, not corrected for selection"


def _claim_evidence(goal: ResearchGoal, claim: Claim) -> tuple[Fact, ...]:
    looked = next((a for a in goal.status.attempts if a.attempt == claim.attempt and a.looks), None)
    statistic = f", t = {looked.looks[-1].statistic:.3f} ≥ {looked.looks[-1].critical:.3f}" if looked else ""
    decided = f"lower bound {score(claim.bound)} ≥ target {claim.target:g} (look at n = {claim.n}{statistic})"
    repeated = f"{percent(claim.confidence)} repeated interval {interval(claim.low, claim.high)}"
    rate = f"rate ≤ {claim.divergence_bound:.2f} (95 %, one-sided)"
    diverged = f"{claim.diverged} of {claim.n} seeds diverged, {rate}"
    side = "lower" if claim.gap > 0 else "higher" if claim.gap < 0 else "no other"
    return (
        Fact("Decided by", decided),
        Fact(
            "Mean on the test split", f"{score(claim.mean)}, sd {score(claim.sd)}, n = {claim.n}; {repeated}"
        ),
        Fact("Given convergence", f"{diverged}; the test holds for converged scores that are near normal"),
        Fact("Attempts", _attempts_so_far(goal)),
        Fact(
            "Validation less test",
            f"{signed(claim.gap)}: the test mean is {side} than {score(claim.validation_mean)}",
        ),
        Fact("Estimand", _estimand(claim.estimand)),
        Fact("Assurance", _ASSURANCES.get(claim.assurance, clean(claim.assurance))),
        *integrity_facts(goal),
    )


def integrity_facts(goal: ResearchGoal) -> tuple[Fact, ...]:
    """What the check before each confirmation found, a line a candidate."""
    off = "" if goal.spec.integrity.control else " (the shuffled-label control is switched off)"
    checked = goal.status.integrity
    return tuple(Fact("Integrity", f"{clean(in_words(check), 400)}{off}") for check in checked)


def _attempts_so_far(goal: ResearchGoal) -> str:
    attempts, alpha = goal.status.attempts, 1 - goal.spec.objective.confidence
    spent = sum(attempt.alpha for attempt in attempts)
    allowed = goal.spec.budget.confirmations
    return f"{len(attempts)} of at most {allowed}; α spent {spent:.4f} of {alpha:.4g}"


def _last_look(attempt: Attempt) -> str:
    look = attempt.looks[-1]
    means = f"mean {score(look.mean)} over {look.n} fresh seeds, lower bound {score(look.bound)}"
    statistic = f"t = {look.statistic:.3f}, needed {look.critical:.3f}"
    return f"{means} against the target {attempt.target:g} ({statistic})"


def _estimand(name: str) -> str:
    return f"{name}: {ESTIMANDS[name]}" if name in ESTIMANDS else clean(name)
