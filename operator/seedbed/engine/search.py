"""The search of one goal: experiments are settled strictly in the order of their index.

Experiment k is judged by what the settled experiments 1 … k − parallel say, and proposed as soon as those are
settled; so at any timing, and after any crash, the same search comes out. Experiments beyond the one that
decides the goal are superseded: what they did by then is not part of it.
"""

from collections.abc import Mapping
from typing import Any, Literal

from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.api.experiment import RunStatus
from seedbed.api.goal import Attempt, Best, Counts, Look, Outcome, Verdict
from seedbed.engine.actions import Confirm, Propose
from seedbed.engine.budget import FAILED, Ledger
from seedbed.engine.claims import attempt_alpha, confirm, looks, nomination_threshold
from seedbed.engine.exploration import Exploration, explore, line, seeds_of, spent
from seedbed.engine.intervals import pooled_sd, t_interval
from seedbed.engine.naming import confirmation_name, exploration_name
from seedbed.engine.verdict import ASSURED, achieved, build_claim, exhausted, inconclusive, not_achieved
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import Card


class Search:
    """One walk over a goal's experiments; `walk` fills `told`, `starts`, `open` and `verdict`."""

    def __init__(
        self, goal: ResearchGoal, status: GoalStatus, card: Card, experiments: Mapping[str, Experiment]
    ) -> None:
        self.goal, self.spec, self.status = goal, goal.spec, status
        self.experiments = experiments
        self.metric = METRICS[goal.spec.objective.metric]
        self.sizes = card.sizes
        self.lines = list(status.experiments)
        self.attempts = list(status.attempts)
        self.claim = status.claim
        self.open: dict[str, int] = {}
        self.starts: list[Propose | Confirm] = []
        self.told: list[str] = []
        self.verdict: Verdict | None = None

    # -- the walk -----------------------------------------------------------------------------------------

    def walk(self, out_of_time: bool) -> None:
        """Settle every experiment whose turn has come, then start what may start, or end the goal."""
        while self.verdict is None and self._settle_next():
            pass
        if self.verdict is None and out_of_time:
            self._end_by_deadline()
        if self.verdict is None:
            self._explore_on()
        if self.verdict is None and not self.open and not self.starts:
            self._last_chance()

    def _settle_next(self) -> bool:
        """Settle the first unsettled experiment if its runs allow; whether something was settled."""
        attempt = self._open_attempt()
        if attempt is not None:
            return self._advance(attempt)
        index = len(self.lines) + 1
        experiment = self.experiments.get(exploration_name(self.goal.metadata.name, index))
        view = self._view(index)
        if experiment is None or view.outcome is None:
            return False
        outcome = self._outcome(index, view)
        if outcome is None:
            self._nominate(index, last_chance=False)
            return True
        self._settle(index, view, experiment, outcome)
        return True

    def _outcome(self, index: int, view: Exploration) -> Outcome | None:
        """What a finished exploration comes to; None: it is nominated."""
        if view.outcome != "Complete":
            return view.outcome
        if self._broken(view.parameters):
            return "ConstraintBroken"
        objective, number = self.spec.objective, len(self.attempts) + 1
        resolution = self.metric.resolution(self.sizes["validation"])
        threshold = nomination_threshold(
            number, objective.target, self._sd(index), self.metric.bound, resolution
        )
        near = view.mean >= threshold and self._ledger().can_confirm()
        return None if near else "NotNominated"

    def _settle(self, index: int, view: Exploration, experiment: Experiment, outcome: str) -> None:
        settled = line(index, experiment.metadata.name, view, experiment, outcome)
        self.lines.append(settled)
        score = "" if settled.mean is None else f", validation mean {settled.mean:.4f} over {settled.n}"
        why = f": {settled.reason}" if settled.reason else ""
        self.told.append(f"{settled.name} {_WORDS[outcome]}{why}{score}")

    # -- exploring ----------------------------------------------------------------------------------------

    def _visible(self, index: int) -> int:
        """How many settled experiments experiment `index` may see."""
        return max(0, index - self.spec.budget.parallel)

    def _sd(self, index: int) -> float:
        """σ̂ as experiment `index` sees it."""
        objective, seen = self.spec.objective, self.lines[: self._visible(index)]
        return pooled_sd(map(seeds_of, seen), objective.target, objective.prior_sd)

    def _view(self, index: int) -> Exploration:
        experiment = self.experiments.get(exploration_name(self.goal.metadata.name, index))
        return explore(experiment, self.spec.seeds.explore, self.spec.objective.target, self._sd(index))

    def _explore_on(self) -> None:
        """Open the seeds of experiments under way, and start those that may start."""
        settled = len(self.lines)
        for index in range(settled + 1, settled + 1 + self.spec.budget.parallel):
            name = exploration_name(self.goal.metadata.name, index)
            if name in self.experiments:
                if index > settled + 1 or self._open_attempt() is None:
                    self.open[name] = self._view(index).open
            elif self._ledger(len(self.starts)).why_no_experiment(index) is None:
                self.starts.append(Propose(index, self._visible(index)))
            else:
                break

    def _broken(self, parameters: int | None) -> bool:
        """Whether a deterministic constraint is broken."""
        return parameters is not None and any(parameters > bound.max for bound in self.spec.constraints)

    # -- confirming ---------------------------------------------------------------------------------------

    def _open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.outcome == "Open"), None)

    def _nominate(self, index: int, last_chance: bool) -> None:
        number, objective = len(self.attempts) + 1, self.spec.objective
        attempt = Attempt(
            attempt=number,
            index=index,
            experiment=confirmation_name(self.goal.metadata.name, number),
            alpha=attempt_alpha(number, objective.confidence),
            target=objective.target,
            last_chance=last_chance,
        )
        self.attempts.append(attempt)
        why = "as a last chance" if last_chance else "on its validation scores"
        self.told.append(
            f"experiment {index} nominated {why}: attempt {number} on fresh seeds and the test split"
        )

    def _advance(self, attempt: Attempt) -> bool:
        """Judge an attempt by the seeds that are there; whether it ended."""
        experiment = self.experiments.get(attempt.experiment)
        if experiment is None:
            self.starts.append(Confirm(attempt.index, attempt.attempt))
            return False
        scores, stopper, diverged = _prefix(experiment)
        resolution = self.metric.resolution(self.sizes["test"])
        planned = self.spec.seeds.confirm
        path = confirm(scores, attempt.alpha, attempt.target, resolution, planned)
        used = path[-1].n if path else 0
        attempt = self._replace(
            attempt,
            looks=[Look.model_validate(vars(result)) for result in path],
            scores=scores[:used],
            diverged=sum(diverged[:used]),
        )
        if path and path[-1].decision != "Continue":
            return self._decide_attempt(attempt, experiment)
        if stopper is not None:
            return self._stop_attempt(attempt, experiment, stopper)
        self.open[attempt.experiment] = next(n for n in looks(planned) if n > used)
        return False

    def _decide_attempt(self, attempt: Attempt, experiment: Experiment) -> bool:
        final = attempt.looks[-1]
        assurance = experiment.status.assurance or "none"
        if final.decision != "Achieved":
            words = "futile" if final.decision == "Futile" else "not shown"
            message = f"{words} at look {final.n}: t = {final.statistic:.3f}, needed {final.critical:.3f}"
            return self._end_attempt(attempt, experiment, "Failed", final.decision, message)
        if assurance not in ASSURED:
            if self._end_attempt(attempt, experiment, "Failed", "NotAssured", f"assurance is {assurance}"):
                self.verdict = inconclusive("IntegrityBlocked", f"assurance is {assurance}")
            return True
        message = f"t = {final.statistic:.3f} at look {final.n}, needed {final.critical:.3f}"
        if not self._end_attempt(attempt, experiment, "Achieved", None, message):
            return False
        spent_alpha = sum(each.alpha for each in self.attempts)
        candidate = next(each for each in self.lines if each.index == attempt.index)
        self.claim = build_claim(self.goal, attempt, candidate, spent_alpha, assurance)
        self.verdict = achieved(self.claim)
        return True

    def _stop_attempt(self, attempt: Attempt, experiment: Experiment, run: RunStatus) -> bool:
        """A confirmation seed that failed ends the attempt; one that stays missing ends the goal."""
        if run.phase == "Failed":
            message = f"seed {run.seed} failed: {run.message or run.reason}"
            return self._end_attempt(attempt, experiment, "Failed", run.reason, message)
        message = f"seed {run.seed} is missing: {run.message or run.reason}"
        ended = self._end_attempt(attempt, experiment, "SeedMissing", run.reason, message)
        if ended:
            self.verdict = inconclusive("SeedMissing", message)
        return ended

    def _end_attempt(
        self, attempt: Attempt, experiment: Experiment, outcome: str, reason: str | None, message: str
    ) -> bool:
        """Close an attempt and settle its candidate; False while the candidate's runs must be read again."""
        confirmed: Literal["Confirmed", "ConfirmationFailed"] = (
            "Confirmed" if outcome == "Achieved" else "ConfirmationFailed"
        )
        if not self._settle_nominated(attempt.index, confirmed):
            self.open[attempt.experiment] = len(attempt.scores)
            return False
        runs, running, gpu_seconds = spent(experiment.status.runs, experiment.spec.resources.gpus)
        self._replace(
            attempt, outcome=outcome, reason=reason, message=message[:240], runs=runs, seconds=running,
            gpu_seconds=gpu_seconds,
        )  # fmt: skip
        self.told.append(f"attempt {attempt.attempt} {outcome.lower()}: {message}")
        if confirmed == "ConfirmationFailed" and len(self.attempts) >= self.spec.budget.confirmations:
            self.verdict = not_achieved(
                "AttemptsSpent", f"{len(self.attempts)} of {len(self.attempts)} attempts"
            )
        return True

    def _settle_nominated(self, index: int, outcome: Literal["Confirmed", "ConfirmationFailed"]) -> bool:
        if index <= len(self.lines):  # a last chance: settled before
            self.lines[index - 1] = self.lines[index - 1].model_copy(update={"outcome": outcome})
            return True
        name = exploration_name(self.goal.metadata.name, index)
        experiment, view = self.experiments.get(name), self._view(index)
        if experiment is None or view.outcome != "Complete":
            return False  # deleted by hand: it is made again, and its records are adopted
        self._settle(index, view, experiment, outcome)
        return True

    def _replace(self, attempt: Attempt, **update: Any) -> Attempt:
        new = attempt.model_copy(update=update)
        self.attempts[attempt.attempt - 1] = new
        return new

    # -- ending -------------------------------------------------------------------------------------------

    def _ledger(self, starting: int = 0) -> Ledger:
        return Ledger(self.spec, self.lines, self.attempts, self.experiments, starting)

    def _last_chance(self) -> None:
        """Nothing can start any more: nominate the best undropped candidate that is left, or end."""
        why = self._ledger().why_no_experiment(len(self.lines) + 1) or "nothing is left to try"
        left = [each for each in self.lines if each.outcome == "NotNominated" and each.mean is not None]
        if left and self._ledger().can_confirm():
            best = max(left, key=lambda each: (each.mean, -each.index))
            self._nominate(best.index, last_chance=True)
            self._advance(self.attempts[-1])
            return
        self.verdict = exhausted(self.lines, self.attempts, self.spec.budget.experiments, why)

    def _end_by_deadline(self) -> None:
        why = f"the deadline of {self.spec.budget.deadline} is over"
        attempt = self._open_attempt()
        if attempt is None:
            self.verdict = not_achieved("BudgetSpent", why)
            return
        self._replace(attempt, outcome="Interrupted", reason="Deadline", message=why)
        self.verdict = inconclusive("BudgetEndedInConfirmation", why)

    # -- the status ---------------------------------------------------------------------------------------

    def status_fields(self) -> dict[str, Any]:
        """What the walk changes in the goal's status."""
        lines = self.lines
        window = range(len(lines) + 1, len(lines) + 1 + self.spec.budget.parallel)
        live = sum(exploration_name(self.goal.metadata.name, index) in self.experiments for index in window)
        counts = Counts(
            experiments=len(lines),
            dropped=sum(each.outcome == "Dropped" for each in lines),
            failed=sum(each.outcome in FAILED for each in lines),
            confirmations=len(self.attempts),
            runs=sum(each.runs for each in lines) + sum(each.runs for each in self.attempts),
        )
        return {
            "phase": "Confirming" if self._open_attempt() else "Searching",
            "experiments": lines,
            "attempts": self.attempts,
            "open": self.open,
            "best": self._best(),
            "counts": counts,
            "budget": self._ledger().status(len(lines) + live),
            "claim": self.claim,
        }

    def _best(self) -> Best | None:
        scored = [each for each in self.lines if each.mean is not None]
        if not scored:
            return None
        best = max(scored, key=lambda each: (each.mean, -each.index))
        interval = t_interval(best.scores, self.spec.objective.confidence)
        return Best(
            index=best.index, experiment=best.name, mean=best.mean or 0.0, sd=best.sd, n=best.n,
            low=interval.low if interval else None, high=interval.high if interval else None,
        )  # fmt: skip


_WORDS = {
    "Dropped": "dropped",
    "NotNominated": "kept, not nominated",
    "Failed": "failed",
    "SeedMissing": "could not be run",
    "ConstraintBroken": "breaks a constraint",
    "ConfirmationFailed": "failed its confirmation",
    "Confirmed": "confirmed",
}


def _prefix(experiment: Experiment) -> tuple[list[float], RunStatus | None, list[bool]]:
    """Scores in the order of the seeds up to the first that is not scored; that run if it ended."""
    runs = {run.seed: run for run in experiment.status.runs}
    scores: list[float] = []
    diverged: list[bool] = []
    for seed in experiment.spec.seeds:
        run = runs.get(seed)
        if run is None or not run.ended:
            return scores, None, diverged
        if run.phase != "Scored" or run.score is None:
            return scores, run, diverged
        scores.append(run.score)
        diverged.append(run.diverged)
    return scores, None, diverged
