"""Between a nomination and its attempt: the candidate's integrity, checked before a confirmation is paid for.

Called by the walk of `engine.search`, candidate by candidate in its order. A verdict is kept in the goal's
status once it is final; before, it depends on the control's Experiment alone, which is made again if it was
deleted. No α is spent here and no attempt counted.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.integrity import Finding, Integrity
from seedbed.api.progress import Attempt
from seedbed.engine.actions import Control
from seedbed.engine.exploration import counted, gpu_seconds
from seedbed.engine.integrity import blocking, duplicates, impossible, judge_control, redrawable, unsealed
from seedbed.engine.intervals import mean
from seedbed.engine.naming import control_name, exploration_name
from seedbed_runner.contract.records import Card

MOST_BLOCKED = 5  # then the trouble is not in the candidates, and the goal's status stays small
Passage = Literal["Passed", "Blocked", "Missing", "Waiting"]


class Gate:
    """The integrity verdicts of one goal; `check` fills `open` and `starts` with what it waits for."""

    def __init__(
        self, goal: ResearchGoal, card: Card, experiments: Mapping[str, Experiment], checked: list[Integrity]
    ) -> None:
        self.name, self.spec, self.card = goal.metadata.name, goal.spec, card
        self.experiments = experiments
        self.checked = checked
        self.open: dict[str, int] = {}
        self.starts: list[Control] = []

    def check(self, index: int, validation: float) -> Passage:
        """Whether candidate `index`, with this validation mean, may be confirmed."""
        explored = self.experiments.get(exploration_name(self.name, index))
        if (unassured := unsealed(explored) or redrawable(explored)) is not None:
            return self._keep(Integrity(index=index, findings=[unassured]))
        objective = self.spec.objective
        findings = duplicates(self.card)
        if beyond := impossible(validation, objective, self.card, "validation"):
            return self._keep(Integrity(index=index, findings=[*findings, beyond]))
        if not self.spec.integrity.control:
            return self._keep(Integrity(index=index, findings=findings))
        name = control_name(self.name, index)
        experiment = self.experiments.get(name)
        control = judge_control(experiment, validation, objective.metric, self.card)
        if experiment is None:
            self.starts.append(Control(index))
            return "Waiting"
        if not control.over:
            self.open[name] = control.open
            return "Waiting"
        runs, seconds = counted(experiment.status.runs, experiment.spec.seeds[: control.open])
        done = Integrity(
            index=index, control=name, scores=control.scores, findings=[*findings, *control.findings],
            runs=runs, seconds=seconds, gpu_seconds=gpu_seconds(experiment),
        )  # fmt: skip
        return self._keep(done)

    def block(self, index: int, finding: Finding) -> None:
        """Note what keeps a candidate from a claim, found before its check or after it."""
        earlier = self.of(index)
        if finding not in earlier.findings:
            self._keep(earlier.model_copy(update={"findings": [*earlier.findings, finding]}))

    def check_confirmed(self, attempt: Attempt, experiment: Experiment) -> Finding | None:
        """What keeps an attempt that reached its target from a claim, if anything does; it is noted."""
        used = set(experiment.spec.seeds[: len(attempt.scores)])
        found = impossible(mean(attempt.scores), self.spec.objective, self.card, "test")
        for run in experiment.status.runs:
            if run.seed in used and run.unsound is not None:
                found = blocking(
                    "Unsound", f"the record of seed {run.seed} contradicts itself: {run.unsound}"
                )
        if found is not None:
            self.block(attempt.index, found)
        return found

    def of(self, index: int) -> Integrity:
        """A candidate's verdict; an empty one of a candidate that was not checked."""
        return next((each for each in self.checked if each.index == index), Integrity(index=index))

    @property
    def exhausted(self) -> bool:
        """Whether so many candidates were blocked that going on makes no sense.

        Those whose code ran unsealed don't count: the next candidate may be made of layers.
        """
        return sum(not each.unsealed for each in blocked(self.checked)) >= MOST_BLOCKED

    def _keep(self, verdict: Integrity) -> Passage:
        """Note a verdict; of the unsealed ones the latest alone, their lines say it of each."""
        others = [each for each in self.checked if each.index != verdict.index]
        if verdict.unsealed:
            self.checked[:] = [verdict, *(each for each in others if not each.unsealed)]
            return "Blocked"
        self.checked[:] = [*others, verdict]
        if verdict.blocking is None:
            return "Passed"
        return "Missing" if verdict.missing else "Blocked"


def blocked(checked: Sequence[Integrity]) -> list[Integrity]:
    """The candidates that were blocked."""
    return [each for each in checked if each.blocking is not None]


def in_words(verdict: Integrity) -> str:
    """One candidate's integrity in a sentence."""
    if (finding := verdict.blocking) is not None:
        return f"experiment {verdict.index} is blocked by {finding.type}: {finding.message}"
    shown = "".join(f"; {each.type}: {each.message}" for each in verdict.findings)
    if not verdict.scores:
        return f"experiment {verdict.index}: no control score{shown}"
    scores = ", ".join(f"{score:.4f}" for score in verdict.scores)
    return f"experiment {verdict.index}: trained on permuted labels it scores {scores}{shown}"
