"""The verdict in words, and what it rests on: called by `build`."""

from seedbed.api import ResearchGoal
from seedbed.api.asked import at_least, estimand_in_words
from seedbed.api.progress import Attempt, Best, Claim, OtherClaim
from seedbed.engine.gate import in_words
from seedbed.report.content import Fact, Heading
from seedbed.report.text import clean, count, interval, percent, score, signed

_HEADINGS = {"Achieved": "Achieved", "NotAchieved": "Not achieved", "Inconclusive": "Inconclusive"}
_ASSURANCES = {
    "trusted-code": "trusted-code: the model is made of Seedbed's own layers, no foreign code ran",
    "sealed": "sealed: the model's code ran without network, labels or credentials",
    "limited": "limited: the model's code ran behind only a part of the seal, so no claim is made of it",
    "none": "none: the model's code ran where nothing sealed it in, so no claim is made of it",
}


def assurance_in_words(assurance: str) -> str:
    """Under which conditions runs were graded, and what follows for a claim."""
    return _ASSURANCES.get(assurance, clean(assurance))


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
            metric = goal.objective.metric
            facts.append(Fact("Last confirmation", _last_look(status.attempts[-1], metric)))
    facts += integrity_facts(goal)
    if status.best is not None:
        facts.append(Fact("Best exploration", _best(status.best, goal.objective.confidence)))
    if facts:
        facts.append(Fact("Estimand", estimand_in_words(goal.objective)))
    return tuple(facts)


def _best(best: Best, confidence: float) -> str:
    text = f"{best.experiment}: validation mean {score(best.mean)} over {count(best.n, 'seed')}"
    if best.low is not None:
        few = ", too few to decide" if best.n == 2 else ""
        text += f", {percent(confidence)} interval {interval(best.low, best.high)}{few}"
    if best.assurance is not None:
        text += f"; {assurance_in_words(best.assurance)}"
    return f"{text}, not corrected for selection"


def _claim_evidence(goal: ResearchGoal, claim: Claim) -> tuple[Fact, ...]:
    rate = f"rate ≤ {claim.divergence_bound:.2f} (95 %, one-sided)"
    diverged = f"{claim.diverged} of {claim.n} seeds diverged, {rate}"
    side = "lower" if claim.gap > 0 else "higher" if claim.gap < 0 else "no other"
    holds = "for any distribution of the scores" if claim.test == "Reliability" else _NEAR_NORMAL
    return (
        Fact("Decided by", _decided(goal, claim)),
        *(Fact("And by", _decided_also(each)) for each in claim.also),
        *_improved(goal),
        Fact(
            "Mean on the test split",
            f"{score(claim.mean)}, sd {score(claim.sd)}, n = {claim.n}{_repeated(claim)}",
        ),
        Fact("Given convergence", f"{diverged}; the test holds {holds}"),
        Fact("Attempts", _attempts_so_far(goal)),
        Fact(
            "Validation less test",
            f"{signed(claim.gap)}: the test mean is {side} than {score(claim.validation_mean)}",
        ),
        Fact("Estimand", estimand_in_words(goal.objective)),
        Fact("Assurance", assurance_in_words(claim.assurance)),
        *integrity_facts(goal),
    )


_NEAR_NORMAL = "for converged scores that are near normal"


def _decided(goal: ResearchGoal, claim: Claim) -> str:
    """The look that decided, or the row of seeds."""
    attempt = next((each for each in goal.status.attempts if each.attempt == claim.attempt), None)
    if claim.test == "Reliability":
        found = attempt.reliability if attempt else None
        worst = "" if found is None or found.worst is None else f", the worst at {score(found.worst)}"
        share = f"a share of at least {claim.bound:.3f} of all seeds"
        return f"{claim.n} of {claim.n} seeds reach the target {claim.target:g}{worst}: {share}"
    looked = attempt.looks[-1] if attempt and attempt.looks else None
    statistic = f", t = {looked.statistic:.3f} ≥ {looked.critical:.3f}" if looked else ""
    return (
        f"{_bound(claim.metric, claim.bound)} {_beyond(claim.metric)} target {claim.target:.6g} "
        f"(look at n = {claim.n}{statistic})"
    )


def _decided_also(claim: OtherClaim) -> str:
    mean = f"mean {score(claim.mean)}, sd {score(claim.sd)}"
    bound = f"{_bound(claim.metric, claim.bound)} {_beyond(claim.metric)} target {claim.target:.6g}"
    return f"{claim.metric}: {bound}, {mean}"


def _bound(metric: str, value: float) -> str:
    return f"{'lower' if at_least(metric) == 'at least' else 'upper'} bound {score(value)}"


def _beyond(metric: str) -> str:
    return "≥" if at_least(metric) == "at least" else "≤"


def _improved(goal: ResearchGoal) -> tuple[Fact, ...]:
    """The baseline that the target follows from."""
    if (over := goal.status.baseline) is None:
        return ()
    return (
        Fact(
            "Baseline",
            f"{over.experiment}: mean {score(over.mean)}, sd {score(over.sd)}, n = {over.n} on the test "
            "split; frozen before the search",
        ),
    )


def _repeated(claim: Claim) -> str:
    if claim.low is None or claim.high is None:
        return ""
    return f"; {percent(claim.confidence)} repeated interval {interval(claim.low, claim.high)}"


def integrity_facts(goal: ResearchGoal) -> tuple[Fact, ...]:
    """What the check before each confirmation found, a line a candidate."""
    off = "" if goal.spec.integrity.control else " (the shuffled-label control is switched off)"
    checked = goal.status.integrity
    return tuple(Fact("Integrity", f"{clean(in_words(check), 400)}{off}") for check in checked)


def _attempts_so_far(goal: ResearchGoal) -> str:
    attempts, alpha = goal.status.attempts, 1 - goal.objective.confidence
    spent = sum(attempt.alpha for attempt in attempts)
    allowed = goal.spec.budget.confirmations
    return f"{len(attempts)} of at most {allowed}; α spent {spent:.4f} of {alpha:.4g}"


def _last_look(attempt: Attempt, metric: str) -> str:
    look = attempt.looks[-1]
    means = f"mean {score(look.mean)} over {look.n} fresh seeds, {_bound(metric, look.bound)}"
    statistic = f"t = {look.statistic:.3f}, needed {look.critical:.3f}"
    return f"{means} against the target {attempt.target:.6g} ({statistic})"
