"""Ways to search the same space within the same limits: ours, Optuna as it comes, and blind draws."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from random import Random

import optuna
from optuna.trial import TrialState
from trials import Proposer, Settled

from seedbed.api.goal import GoalSpec
from seedbed.planning.contract import Proposal, ProposalRequest, Tried
from seedbed.planning.dimensions import Settings
from seedbed.planning.history import MEMO, UNUSABLE
from seedbed.planning.scope import Scope
from seedbed.planning.search import SearchPlanner
from seedbed.planning.tpe import distribution
from seedbed_runner.contract.records import Card

optuna.logging.set_verbosity(optuna.logging.ERROR)


def ours(goal: GoalSpec, card: Card) -> Proposer:
    """The search planner, asked as the reconciler asks it."""
    made: list[Proposal] = []
    asked = ProposalRequest(index=1, goal=goal, card=asdict(card), history=[], pending=[])

    def propose(known: Sequence[Settled], pending: Sequence[Settings]) -> Settings:
        history = [Tried(proposal=made[each.line.index - 1], line=each.line) for each in known]
        update = {"index": len(made) + 1, "history": history, "pending": made[len(known) :]}
        made.append(SearchPlanner().propose(asked.model_copy(update=update)))
        return made[-1].memo[MEMO]

    return propose


def optuna_tpe(goal: GoalSpec, card: Card) -> Proposer:
    """`TPESampler` as it comes: one study, told each score once it is known, and failures as failures."""
    scope = Scope(goal, card)
    sampler = optuna.samplers.TPESampler(seed=goal.seeds.root)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions = {name: distribution(dimension) for name, dimension in scope.space.items()}
    asked: list[optuna.Trial] = []

    def propose(known: Sequence[Settled], pending: Sequence[Settings]) -> Settings:
        if known:
            _tell(study, asked[len(known) - 1], known[-1])
        while True:
            trial = study.ask(distributions)
            if scope.affordable(trial.params):
                asked.append(trial)
                return trial.params
            study.tell(trial, state=TrialState.FAIL)

    return propose


def _tell(study: optuna.Study, trial: optuna.Trial, settled: Settled) -> None:
    if settled.line.outcome in UNUSABLE:
        study.tell(trial, state=TrialState.FAIL)
    else:
        study.tell(trial, settled.line.mean)


def blind(goal: GoalSpec, card: Card) -> Proposer:
    """Draws from the space, each within the limits."""
    scope, random = Scope(goal, card), Random(goal.seeds.root)
    return lambda known, pending: draw(scope, random)


def draw(scope: Scope, random: Random) -> Settings:
    """Settings drawn from a space, within its limits."""
    while True:
        settings = {name: dimension.draw(random) for name, dimension in scope.space.items()}
        if scope.affordable(settings):
            return settings


PROPOSERS: dict[str, Callable[[GoalSpec, Card], Proposer]] = {
    "search planner": ours, "Optuna's TPE": optuna_tpe, "random": blind,
}  # fmt: skip
