"""One attempt to confirm: what the seeds that are there say, in the order of their index."""

from collections.abc import Sequence
from typing import Any, Literal

from seedbed.api import Experiment
from seedbed.api.experiment import RunStatus
from seedbed.api.progress import Attempt
from seedbed.engine.exploration import counted, gpu_seconds, scores_of
from seedbed.engine.intervals import mean
from seedbed.engine.standard import Judged, Standard
from seedbed_runner.contract.metrics import Metric

ASSURED = frozenset({"sealed", "trusted-code"})
NOT_ASSURED = "NotAssured"
HARDWARE_DIFFERS = "HardwareDiffers"
Ending = tuple[Literal["Achieved", "Failed", "SeedMissing"], str | None, str]


def judge(attempt: Attempt, experiment: Experiment, standard: Standard) -> tuple[Attempt, int]:
    """The attempt as it stands, and how many of its seeds may run.

    Seeds are used in the order of their index and at the planned looks only. A seed whose model failed ends
    the attempt as failed; one that stays missing ends it without a result.
    """
    runs, stopper = in_order(experiment, standard)
    judged = standard.judge(runs, attempt.attempt)
    used = judged.used
    update: dict[str, Any] = {
        "looks": judged.looks,
        "reliability": judged.reliability,
        "scores": [run.score for run in runs[:used]],
        "diverged": sum(run.diverged for run in runs[:used]),
    }
    attempt = attempt.model_copy(update=update)
    ending = _by_result(judged, experiment, runs[: judged.used])
    if ending is None and stopper is not None:
        scores = [run.score for run in runs if run.score is not None]
        used, ending = len(runs) + 1, _by_run(stopper, scores, standard.aims[0].metric)
    if ending is None:
        return attempt, next(n for n in standard.gates(attempt.attempt) if n > used)
    return _ended(attempt, experiment, ending, used), used


def in_order(experiment: Experiment, standard: Standard) -> tuple[list[RunStatus], RunStatus | None]:
    """The scored runs up to the first seed that is not scored; that run, if it ended otherwise."""
    runs = {run.seed: run for run in experiment.status.runs}
    scored: list[RunStatus] = []
    for seed in experiment.spec.seeds:
        run = runs.get(seed)
        if run is None or not run.ended:
            break
        if scores_of(run, standard.tested) is None:
            return scored, run
        scored.append(run)
    return scored, None


def _by_result(judged: Judged, experiment: Experiment, runs: Sequence[RunStatus]) -> Ending | None:
    """How what the seeds decided ended the attempt, if it did."""
    if judged.decision == "Continue":
        return None
    numbers = _numbers(judged)
    if judged.decision != "Achieved":
        words = {"Futile": "hopeless", "NotReached": "not shown", "Missed": "a seed missed the target"}
        return "Failed", judged.decision, f"{words[judged.decision]}: {numbers}"
    assurance = experiment.status.assurance or "none"
    if assurance not in ASSURED:
        return "Failed", NOT_ASSURED, f"assurance is {assurance}"
    if experiment.spec.latency and (mixture := _mixture(runs)):
        return "Failed", HARDWARE_DIFFERS, mixture
    return "Achieved", None, numbers


def _mixture(runs: Sequence[RunStatus]) -> str | None:
    """Of latencies that were not all measured on the same hardware: on which ones, in words."""
    first = runs[0]
    other = next((run for run in runs if run.hardware != first.hardware), None)
    if other is None and first.hardware is not None:
        return None
    if other is None:
        return "no record says on what hardware"
    return (
        f"seed {first.seed} on {first.hardware or 'unknown hardware'}, "
        f"seed {other.seed} on {other.hardware or 'unknown hardware'}"
    )


def _numbers(judged: Judged) -> str:
    if (found := judged.reliability) is not None:
        worst = "" if found.worst is None else f", the worst at {found.worst:.4f}"
        return f"{found.passed} of {found.needed} seeds in a row reached it{worst}"
    final = judged.looks[-1]
    parts = [f"t = {final.statistic:.3f} at look {final.n}, needed {final.critical:.3f}"]
    parts += [f"{each.metric}: {each.statistic:.3f}, needed {each.critical:.3f}" for each in final.also]
    return "; ".join(parts)


def _by_run(run: RunStatus, scores: Sequence[float], metric: Metric) -> Ending:
    """How a seed without a score ends the attempt; `scores` are those of the seeds before it."""
    why = run.message or run.reason or run.unsound or "no reason given"
    if run.phase == "Failed":
        return "Failed", run.reason, f"seed {run.seed} failed: {why}"
    if scores:
        why = f"{_with_missing(scores, metric)}: {why}"
    return "SeedMissing", run.reason, f"seed {run.seed} is missing{'' if scores else ':'} {why}"


def _with_missing(scores: Sequence[float], metric: Metric) -> str:
    """Between what a mean lies that one seed is missing from (STATISTICS section 1)."""
    worst, best = (mean([*scores, value]) for value in (metric.worst, metric.bound))
    n = len(scores) + 1
    return f"(the mean over {n} seeds is {worst:.4f} with it at the metric's worst, {best:.4f} at its best)"


def _ended(attempt: Attempt, experiment: Experiment, ending: Ending, used: int) -> Attempt:
    outcome, reason, message = ending
    runs, seconds = counted(experiment.status.runs, experiment.spec.seeds[:used])
    update: dict[str, Any] = {"outcome": outcome, "reason": reason, "message": message[:240]}
    update |= {"runs": runs, "seconds": seconds, "gpu_seconds": gpu_seconds(experiment)}
    return attempt.model_copy(update=update)
