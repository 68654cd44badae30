"""The search of one goal: experiments are settled strictly in the order of their index.

Experiment k is judged by what the settled experiments 1 … k − parallel say, and proposed as soon as those are
settled; so at any timing, and after any crash, the same search comes out. Experiments beyond the one that
decides the goal are superseded: what they did by then is not part of it.
"""

from collections.abc import Mapping
from typing import Any

from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.api.progress import Attempt, Best, Counts, Outcome, Verdict
from seedbed.engine.actions import Ask, Confirm, Control, Propose
from seedbed.engine.budget import FAILED, Balance
from seedbed.engine.claims import attempt_alpha
from seedbed.engine.confirmation import HARDWARE_DIFFERS, NOT_ASSURED, in_order, judge
from seedbed.engine.consultation import Consultation
from seedbed.engine.exploration import Exploration, explore, line
from seedbed.engine.gate import Gate, Passage, blocked, in_words
from seedbed.engine.integrity import blocking
from seedbed.engine.intervals import in_short, mean, t_interval
from seedbed.engine.naming import confirmation_name, exploration_name
from seedbed.engine.standard import Standard, seeds_problem
from seedbed.engine.verdict import achieved, build_claim, exhausted, inconclusive, not_achieved
from seedbed_runner.contract.records import Card


class Search:
    """One walk over a goal's experiments; `walk` fills `told`, `starts`, `open` and `verdict`."""

    def __init__(
        self,
        goal: ResearchGoal,
        status: GoalStatus,
        card: Card,
        experiments: Mapping[str, Experiment],
        consultation: Consultation,
    ) -> None:
        self.goal, self.spec, self.status = goal, goal.spec, status
        self.experiments = experiments
        self.sizes = card.sizes
        self.standard = Standard.of(goal.spec, card.sizes["test"], status.baseline)
        self.aims = self.standard.aims
        self.lines = list(status.experiments)
        self.attempts = list(status.attempts)
        self.claim = status.claim
        self.open: dict[str, int] = {}
        self.starts: list[Ask | Propose | Control | Confirm] = []
        self.consultation = consultation
        self.gate = Gate(goal, card, experiments, list(status.integrity))
        self.told: list[str] = []
        self.verdict: Verdict | None = None

    # -- the walk -----------------------------------------------------------------------------------------

    def walk(self, out_of_time: bool) -> None:
        """Settle every experiment whose turn has come, then start what may start, or end the goal."""
        self._give_up_if_doubted()
        while self.verdict is None and self._settle_next():
            pass
        if self.verdict is None and out_of_time:
            self._end_by_deadline()
        if self.verdict is None:
            self._explore_on()
        waiting = self.open or self.starts or self.consultation.look_again_at
        if self.verdict is None and not waiting:
            self._last_chance()
        if self.verdict is not None:
            self.verdict = self._doubted(self.verdict)
            self.consultation.abandon()

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
            passage = self._pass(index, self.aims[0].view.inward(mean(view.scores[0])))
            if passage == "Passed":
                self._nominate(index, last_chance=False)
            if passage != "Blocked":
                return passage == "Passed"
            outcome = "Blocked"
        elif outcome == "Blocked":
            self.gate.block(index, blocking("Unsound", f"a record contradicts itself: {view.message}"))
        self._settle(index, view, experiment, outcome)
        self._give_up_if_doubted()
        return True

    def _outcome(self, index: int, view: Exploration) -> Outcome | None:
        """What a finished exploration comes to; None: it is nominated."""
        if view.outcome != "Complete":
            return view.outcome
        if self._broken(view.parameters):
            return "ConstraintBroken"
        number, items = len(self.attempts) + 1, self.sizes["validation"]
        near = all(
            aim.is_near(scores, number, sd, items)
            for aim, scores, sd in zip(self.aims, view.scores, self._spreads(index), strict=True)
        )
        return None if near and self._can_confirm() else "NotNominated"

    def _settle(self, index: int, view: Exploration, experiment: Experiment, outcome: str) -> None:
        settled = line(index, view, experiment, outcome, self.aims)
        settled = settled.model_copy(update=self._reason(index, outcome))
        self.lines.append(settled)
        score = "" if settled.mean is None else f", validation mean {settled.mean:.4f} over {settled.n}"
        why = f": {settled.reason}" if settled.reason else ""
        self.told.append(f"{settled.name} {_WORDS[outcome]}{why}{score}")

    def _reason(self, index: int, outcome: str) -> dict[str, Any]:
        """Outcome of a candidate's line, and why it is blocked if it is."""
        finding = self.gate.of(index).blocking if outcome == "Blocked" else None
        why = {"reason": finding.type, "message": finding.message} if finding else {}
        return {"outcome": outcome, **why}

    # -- exploring ----------------------------------------------------------------------------------------

    def _visible(self, index: int) -> int:
        """How many settled experiments experiment `index` may see."""
        return max(0, index - self.spec.budget.parallel)

    def _spreads(self, index: int) -> list[float]:
        """σ̂ of each target as experiment `index` sees it."""
        return [aim.spread(self.lines[: self._visible(index)]) for aim in self.aims]

    def _view(self, index: int) -> Exploration:
        experiment = self.experiments.get(exploration_name(self.goal.metadata.name, index))
        return explore(experiment, self.spec.seeds.explore, self.aims, self._spreads(index))

    def _explore_on(self) -> None:
        """Open the seeds of experiments under way, and start those that may start."""
        settled = len(self.lines)
        for index in range(settled + 1, settled + 1 + self.spec.budget.parallel):
            name = exploration_name(self.goal.metadata.name, index)
            if name in self.experiments:
                if index > settled + 1 or self._open_attempt() is None:
                    self.open[name] = self._view(index).open
            elif not self._begin(index):
                break

    def _begin(self, index: int) -> bool:
        """Start proposal `index`, or the call that it takes; whether its Experiment is about to be made."""
        balance = self._balance(self._proposing)
        if balance.why_no_experiment(index) is not None:
            return False
        start = self.consultation.step(index, self._visible(index), balance.tokens_left, not self._proposing)
        if start is not None:
            self.starts.append(start)
        return isinstance(start, Propose)

    def _broken(self, parameters: int | None) -> bool:
        """Whether a deterministic constraint is broken; a latency is tested in confirmations."""
        bounds = [bound.max for bound in self.spec.constraints if bound.metric == "parameters"]
        return parameters is not None and any(parameters > bound for bound in bounds)

    # -- confirming ---------------------------------------------------------------------------------------

    def _open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.outcome == "Open"), None)

    def _pass(self, index: int, mean: float) -> Passage:
        """Whether a candidate's integrity lets it be nominated; what it waits for is opened or started."""
        passage = self.gate.check(index, mean)
        self.open |= self.gate.open
        self.starts += self.gate.starts
        if passage != "Waiting" and self.gate.of(index).findings:
            self.told.append(in_words(self.gate.of(index)))
        if passage == "Missing":
            self.verdict = inconclusive("SeedMissing", in_words(self.gate.of(index)))
        return passage

    def _nominate(self, index: int, last_chance: bool) -> None:
        number, objective = len(self.attempts) + 1, self.spec.objective
        attempt = Attempt(
            attempt=number,
            index=index,
            experiment=confirmation_name(self.goal.metadata.name, number),
            alpha=attempt_alpha(number, objective.confidence),
            target=self.aims[0].wanted,
            last_chance=last_chance,
        )
        self.attempts.append(attempt)
        why = "as a last chance" if last_chance else "on its validation scores"
        self.told.append(
            f"experiment {index} nominated {why}: attempt {number} on fresh seeds and the test split"
        )

    def _advance(self, attempt: Attempt) -> bool:
        """Judge an attempt by the seeds that are there; whether it ended, and its candidate with it."""
        experiment = self.experiments.get(attempt.experiment)
        if experiment is None:
            self.starts.append(Confirm(attempt.index, attempt.attempt))
            return False
        judged, allowed = judge(attempt, experiment, self.standard)
        judged = self._undoubted(judged, experiment)
        if judged.outcome == "Open" or not self._settle_nominated(judged):
            self.open[attempt.experiment] = allowed
            kept = ("looks", "reliability", "scores", "diverged")
            so_far = {field: getattr(judged, field) for field in kept}
            self.attempts[attempt.attempt - 1] = attempt.model_copy(update=so_far)
            return False
        self.attempts[attempt.attempt - 1] = judged
        self.told.append(f"attempt {judged.attempt} {_ENDINGS[judged.outcome]}: {judged.message}")
        self._conclude(judged, experiment)
        return True

    def _undoubted(self, attempt: Attempt, experiment: Experiment) -> Attempt:
        """The attempt; failed, if it reached its target by scores that can't carry a claim."""
        found = self.gate.check_confirmed(attempt, experiment) if attempt.outcome == "Achieved" else None
        if found is None:
            return attempt
        update = {"outcome": "Failed", "reason": found.type, "message": found.message}
        return attempt.model_copy(update=update)

    def _conclude(self, attempt: Attempt, experiment: Experiment) -> None:
        """What the end of an attempt means for the goal."""
        if attempt.outcome == "Achieved":
            alpha_spent = sum(each.alpha for each in self.attempts)
            runs = in_order(experiment, self.standard)[0][: len(attempt.scores)]
            candidate = self.lines[attempt.index - 1]
            self.claim = build_claim(self.goal, self.standard, attempt, runs, candidate, alpha_spent)
            self.verdict = achieved(self.claim)
        elif attempt.outcome == "SeedMissing":
            self.verdict = inconclusive("SeedMissing", attempt.message or "")
        elif attempt.reason == NOT_ASSURED:
            self.verdict = inconclusive("IntegrityBlocked", attempt.message or "")
        elif attempt.reason == HARDWARE_DIFFERS:
            self.verdict = inconclusive("HardwareDiffers", attempt.message or "")
        elif len(self.attempts) >= self.spec.budget.confirmations:
            count = len(self.attempts)
            self.verdict = not_achieved("AttemptsSpent", f"{count} of {count} attempts")

    def _settle_nominated(self, attempt: Attempt) -> bool:
        """Settle the candidate of an attempt that ended; False while its own runs must be read again."""
        outcome: Outcome = "Confirmed" if attempt.outcome == "Achieved" else "ConfirmationFailed"
        if self.gate.of(attempt.index).blocking is not None:
            outcome = "Blocked"
        if attempt.index <= len(self.lines):  # a last chance: settled before
            self._settle_again(attempt.index, outcome)
            return True
        experiment = self.experiments.get(exploration_name(self.goal.metadata.name, attempt.index))
        view = self._view(attempt.index)
        if experiment is None or view.outcome != "Complete":
            return False  # deleted by hand: it is made again, and its records are adopted
        self._settle(attempt.index, view, experiment, outcome)
        return True

    def _settle_again(self, index: int, outcome: str) -> None:
        """Give a candidate that was settled before, of a last chance, its final outcome."""
        line = self.lines[index - 1]
        self.lines[index - 1] = line.model_copy(update=self._reason(index, outcome))

    # -- ending -------------------------------------------------------------------------------------------

    def _can_confirm(self) -> bool:
        """Whether the budget, and the number of seeds that an attempt may have, allow one more attempt."""
        return self._balance().can_confirm() and seeds_problem(self.spec, len(self.attempts) + 1) is None

    @property
    def _proposing(self) -> int:
        """How many explorations are about to begin."""
        return sum(isinstance(each, Propose) for each in self.starts)

    def _balance(self, starting: int = 0) -> Balance:
        return Balance(
            self.spec, self.lines, self.attempts, self.experiments, starting, self.gate.checked,
            self.consultation.planning,
        )  # fmt: skip

    def _last_chance(self) -> None:
        """Nothing can start any more: nominate the best undropped candidate that is left, or end."""
        out_of = self._balance().why_no_experiment(len(self.lines) + 1)
        why = out_of or self.consultation.over or "nothing is left to try"
        left = [each for each in self.lines if each.outcome == "NotNominated" and each.merit is not None]
        if left and self._can_confirm():
            best = max(left, key=lambda each: (each.merit, -each.index))
            passage = self._pass(best.index, mean(best.scores))
            if passage == "Passed":
                self._nominate(best.index, last_chance=True)
                self._advance(self.attempts[-1])
            elif passage == "Blocked":
                self._settle_again(best.index, "Blocked")
                self._give_up_if_doubted()
                if self.verdict is None:
                    self._last_chance()
            return
        if self.consultation.failed and not self.attempts:
            self.verdict = inconclusive("PlannerFailed", why)
            return
        self.verdict = exhausted(self.lines, self.attempts, self.spec.budget.experiments, why)

    def _give_up_if_doubted(self) -> None:
        """End the goal when so many candidates were blocked that the trouble is not in them."""
        if self.gate.exhausted:
            doubts = blocked(self.gate.checked)
            why = f"{len(doubts)} candidates were blocked; {in_words(doubts[-1])}"
            self.verdict = inconclusive("IntegrityBlocked", why)

    def _doubted(self, verdict: Verdict) -> Verdict:
        """A goal's end without a claim, which says nothing if a candidate was kept from making one."""
        doubts = blocked(self.gate.checked)
        if verdict.verdict != "NotAchieved" or not doubts:
            return verdict
        return inconclusive("IntegrityBlocked", f"{in_words(doubts[-1])}; otherwise {verdict.message}")

    def _end_by_deadline(self) -> None:
        why = f"the deadline of {self.spec.budget.deadline} is over"
        attempt = self._open_attempt()
        if attempt is None:
            self.verdict = not_achieved("BudgetSpent", why)
            return
        stopped: dict[str, Any] = {"outcome": "Interrupted", "reason": "Deadline", "message": why}
        self.attempts[attempt.attempt - 1] = attempt.model_copy(update=stopped)
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
            runs=sum(each.runs for each in lines)
            + sum(each.runs for each in self.attempts)
            + sum(each.runs for each in self.gate.checked),
        )
        return {
            "phase": "Confirming" if self._open_attempt() else "Searching",
            "experiments": lines,
            "attempts": self.attempts,
            "integrity": self.gate.checked,
            "planning": self.consultation.planning,
            "open": self.open,
            "best": self._best(),
            "counts": counts,
            "budget": self._balance().status(len(lines) + live),
            "claim": self.claim,
        }

    def _best(self) -> Best | None:
        scored = [each for each in self.lines if each.merit is not None and each.outcome != "Blocked"]
        if not scored:
            return None
        best = max(scored, key=lambda each: (each.merit, -each.index))
        interval = t_interval(best.scores, self.spec.objective.confidence)
        centre = best.mean or 0.0
        return Best(
            index=best.index, experiment=best.name, mean=centre, sd=best.sd, n=best.n,
            low=interval.low if interval else None, high=interval.high if interval else None,
            assurance=best.assurance,
            in_short=in_short(centre, interval, best.n, sum(best.diverged)),
        )  # fmt: skip


_WORDS = {
    "Dropped": "dropped",
    "NotNominated": "kept, not nominated",
    "Failed": "failed",
    "SeedMissing": "could not be run",
    "ConstraintBroken": "breaks a constraint",
    "Blocked": "is blocked",
    "ConfirmationFailed": "failed its confirmation",
    "Confirmed": "confirmed",
}
_ENDINGS = {"Achieved": "achieved", "Failed": "failed", "SeedMissing": "is missing a seed"}
