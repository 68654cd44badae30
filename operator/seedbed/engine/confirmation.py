"""One attempt to confirm: what the seeds that are there say, in the order of their index."""

from typing import Any, Literal

from seedbed.api import Experiment
from seedbed.api.experiment import RunStatus
from seedbed.api.goal import Attempt, Look
from seedbed.engine.claims import confirm, looks
from seedbed.engine.exploration import counted, gpu_seconds

ASSURED = frozenset({"sealed", "trusted-code"})
NOT_ASSURED = "NotAssured"
Ending = tuple[Literal["Achieved", "Failed", "SeedMissing"], str | None, str]


def judge(
    attempt: Attempt, experiment: Experiment, resolution: float, confirm_seeds: int
) -> tuple[Attempt, int]:
    """The attempt as it stands, and how many of its seeds may run.

    Seeds are used in the order of their index and at the planned looks only. A seed whose model failed ends
    the attempt as failed; one that stays missing ends it without a result.
    """
    scores, diverged, stopper = _in_order(experiment)
    path = confirm(scores, attempt.alpha, attempt.target, resolution, confirm_seeds)
    used = path[-1].n if path else 0
    update: dict[str, Any] = {
        "looks": [Look.model_validate(vars(result)) for result in path],
        "scores": scores[:used],
        "diverged": sum(diverged[:used]),
    }
    attempt = attempt.model_copy(update=update)
    ending = _by_look(attempt, experiment)
    if ending is None and stopper is not None:
        used, ending = len(scores) + 1, _by_run(stopper)
    if ending is None:
        return attempt, next(n for n in looks(confirm_seeds) if n > used)
    return _ended(attempt, experiment, ending, used), used


def _in_order(experiment: Experiment) -> tuple[list[float], list[bool], RunStatus | None]:
    """Scores and divergence up to the first seed that is not scored; that run, if it ended otherwise."""
    runs = {run.seed: run for run in experiment.status.runs}
    scores: list[float] = []
    diverged: list[bool] = []
    for seed in experiment.spec.seeds:
        run = runs.get(seed)
        if run is None or not run.ended:
            break
        if run.phase != "Scored" or run.score is None:
            return scores, diverged, run
        scores.append(run.score)
        diverged.append(run.diverged)
    return scores, diverged, None


def _by_look(attempt: Attempt, experiment: Experiment) -> Ending | None:
    """How the last look ended the attempt, if it did."""
    final = attempt.looks[-1] if attempt.looks else None
    if final is None or final.decision == "Continue":
        return None
    numbers = f"t = {final.statistic:.3f} at look {final.n}, needed {final.critical:.3f}"
    if final.decision != "Achieved":
        words = "hopeless" if final.decision == "Futile" else "not shown"
        return "Failed", final.decision, f"{words}: {numbers}"
    assurance = experiment.status.assurance or "none"
    if assurance not in ASSURED:
        return "Failed", NOT_ASSURED, f"assurance is {assurance}"
    return "Achieved", None, numbers


def _by_run(run: RunStatus) -> Ending:
    """How a seed without a score ends the attempt."""
    why = run.message or run.reason or "no reason given"
    if run.phase == "Failed":
        return "Failed", run.reason, f"seed {run.seed} failed: {why}"
    return "SeedMissing", run.reason, f"seed {run.seed} is missing: {why}"


def _ended(attempt: Attempt, experiment: Experiment, ending: Ending, used: int) -> Attempt:
    outcome, reason, message = ending
    runs, seconds = counted(experiment.status.runs, experiment.spec.seeds[:used])
    update: dict[str, Any] = {"outcome": outcome, "reason": reason, "message": message[:240]}
    update |= {"runs": runs, "seconds": seconds, "gpu_seconds": gpu_seconds(experiment)}
    return attempt.model_copy(update=update)
