"""`decide_goal`: from what is observed of a goal to its next actions.

Read it in this order: is the goal over or refused, is it paused, are its data ready and the baseline that it
may ask for, is its time over; then the search itself, `seedbed.engine.search`, which settles experiments
strictly in the order of their index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from seedbed.api import Condition, Experiment, GoalStatus, ResearchGoal
from seedbed.api.common import seconds
from seedbed.api.goal import GoalSpec
from seedbed.api.objective import Objective
from seedbed.api.progress import Attempt, BaselineStatus, DatasetStatus, Spending, Verdict
from seedbed.api.progress import Decision as Told
from seedbed.engine.actions import Decision, GoalAction, PatchGoal, PrepareDataset
from seedbed.engine.aims import Aim, aims_of
from seedbed.engine.baseline import Unfit, Waits, frozen
from seedbed.engine.budget import control_runs, ends_at
from seedbed.engine.claims import target_problem
from seedbed.engine.claims_population import population_problem
from seedbed.engine.consultation import Consultation
from seedbed.engine.consultation import reopened as asked_again
from seedbed.engine.instants import to_epoch, to_text
from seedbed.engine.integrity import ceiling_of, duplicates_problem
from seedbed.engine.observation import CallObservation, Preparation
from seedbed.engine.search import Search
from seedbed.engine.standard import most_seeds, seeds_problem
from seedbed_runner.contract.metrics import METRICS, metric_problem, own_metric
from seedbed_runner.contract.records import Card

KEPT_DECISIONS = 8
LOOK_AGAIN = 30.0  # seconds, at what somebody else must put right


@dataclass(frozen=True)
class GoalState:
    """All that `decide_goal` looks at.

    `experiments` are those of this goal that exist, by name; `baseline` is the Experiment that it asks for an
    improvement over, looked at until it is frozen; `call` is the call to the planning LLM that the status
    claims; `holder` is who would make the next one.
    """

    goal: ResearchGoal
    preparation: Preparation
    experiments: Mapping[str, Experiment]
    now: float
    baseline: Experiment | None = None
    call: CallObservation | None = None
    holder: str = "nobody"


def decide_goal(state: GoalState) -> Decision:
    """The next actions for one goal."""
    goal, status = state.goal, state.goal.status
    if status.finished and not reopened(goal):
        return Decision()
    status = _begun(state, status)
    if problem := static_problem(goal):
        return _patch(state, _refused(state, status, problem))
    if goal.spec.suspend:
        return _patch(state, _suspended(state, status))
    status = _resumed(state, status)
    if (card := state.preparation.card) is None:
        return _prepare(state, status)
    if problem := changed_data(status, card):
        return _patch(state, _failed(state, status, "DatasetChanged", problem))
    if problem := own_metric_problem(goal.spec.objective, card):
        return _patch(state, _refused(state, status, problem))
    return _decide_on(replace(state, goal=by_own_metric(goal, card)), status, card)


def _decide_on(state: GoalState, status: GoalStatus, card: Card) -> Decision:
    """The same once the data are there, and the goal's metric is known."""
    goal = state.goal
    status = _with_dataset(state, status, card)
    if goal.spec.objective.improvement is not None and status.baseline is None:
        found = frozen(goal, goal.spec.objective.improvement, state.baseline)
        if isinstance(found, Unfit):
            return _patch(state, _refused(state, status, found.why))
        if isinstance(found, Waits):
            return _wait(state, status, found.why)
        status = status.model_copy(update={"baseline": found})
    status = _told_decidable(state, status)
    if problem := data_problem(goal.spec, status.baseline, card):
        return _patch(state, _refused(state, status, problem))
    return _search(state, status, card)


def static_problem(goal: ResearchGoal) -> str | None:
    """Why a goal can't be decided whatever its data: a sentence, or None."""
    spec = goal.spec
    if problem := seeds_problem(spec):
        return problem
    runs = most_seeds(spec) + control_runs(spec)
    needed = runs * spec.resources.gpus * seconds(spec.deadlines.run) / 3600
    if needed > spec.budget.gpu_hours:
        return (
            f"`budget.gpuHours` is {spec.budget.gpu_hours:g} but one confirmation may take {needed:g}: "
            f"{runs} runs of {spec.deadlines.run} on {spec.resources.gpus} GPU, control runs included; "
            "raise it, or shorten `deadlines.run`"
        )
    return None


def own_metric_problem(objective: Objective, card: Card) -> str | None:
    """Why an objective that names no metric can't be one by the data's own: a sentence, or None."""
    try:
        objective.by(own_metric(card))
    except ValueError as error:
        return f"`metric` is left out and that of these data is {own_metric(card)}: {error}"
    return None


def by_own_metric(goal: ResearchGoal, card: Card) -> ResearchGoal:
    """The goal with its metric named: that of its data where it names none."""
    spec = goal.spec.model_copy(update={"objective": goal.spec.objective.by(own_metric(card))})
    return goal.model_copy(update={"spec": spec})


def data_problem(spec: GoalSpec, baseline: BaselineStatus | None, card: Card) -> str | None:
    """Why a goal can't be decided on these data: a sentence, or None."""
    if problem := duplicates_problem(card):
        return problem
    aims, items = aims_of(spec.objective, baseline), card.sizes["test"]
    return next((said for aim in aims if (said := _aim_problem(spec, aim, items, card))), None)


def _aim_problem(spec: GoalSpec, aim: Aim, items: int, card: Card) -> str | None:
    """The same of one target."""
    objective, metric, wanted = spec.objective, aim.metric, aim.wanted
    problem = metric_problem(metric.name, card)
    if problem is None and objective.test == "Mean":
        problem = target_problem(wanted, metric, items)
    if problem is None and objective.estimand == "Population":
        problem = population_problem(wanted, metric, items, objective.confidence, spec.seeds.confirm)
    known = ceiling_of(objective, metric.name, card)
    if problem is None and known is not None and wanted > known:
        problem = f"`target` is {wanted:g} but no classifier can do better than {known:g} on these data"
    if problem is None or aim.baseline is None:
        return problem
    return f"the baseline's mean asks for a target of {wanted:.4f}, and {problem}"


def changed_data(status: GoalStatus, card: Card) -> str | None:
    """Why these are not the data that the search began on: a sentence, or None."""
    if status.dataset is None or status.dataset.data_hash == card.data_hash:
        return None
    return (
        f"the search began on data with hash {status.dataset.data_hash[:19]}… and now they have "
        f"{card.data_hash[:19]}…: prepare them with the versions of then, or run a new goal"
    )


def reopened(goal: ResearchGoal) -> bool:
    """Whether a finished goal's budget was raised since its verdict; a claim stands."""
    changed = goal.metadata.generation != goal.status.observed_generation
    return changed and goal.status.phase in ("NotAchieved", "Inconclusive", "Refused", "Failed")


def _begun(state: GoalState, status: GoalStatus) -> GoalStatus:
    """The status with its start, and with an earlier verdict taken back when the goal goes on."""
    update: dict[str, Any] = {"observed_generation": state.goal.metadata.generation}
    if status.start_time is None:
        update["start_time"] = to_text(state.now)
    if status.finish_time is not None:
        update |= {"finish_time": None, "verdict": None, "phase": "Searching"}
        update["paused_seconds"] = status.paused_seconds + state.now - to_epoch(status.finish_time)
        update["attempts"] = [_opened_again(attempt) for attempt in status.attempts]
        update["integrity"] = [each for each in status.integrity if not each.missing]
        if all(line.outcome == "SeedMissing" for line in status.experiments):
            update["experiments"] = []  # nothing was seen yet, so nothing rests on them
        update["planning"] = asked_again(status.planning)
    return status.model_copy(update=update)


def _opened_again(attempt: Attempt) -> Attempt:
    """An attempt as it was before its budget ended or a seed went missing; a result stays a result."""
    if attempt.outcome not in ("Interrupted", "SeedMissing"):
        return attempt
    return attempt.model_copy(update={"outcome": "Open", "reason": None, "message": None})


def _refused(state: GoalState, status: GoalStatus, problem: str) -> GoalStatus:
    status = with_condition(state, status, "Accepted", "False", "Undecidable", problem)
    return status.model_copy(update={"phase": "Refused", "open": {}, "finish_time": to_text(state.now)})


def _suspended(state: GoalState, status: GoalStatus) -> GoalStatus:
    since = status.paused_since or to_text(state.now)
    return status.model_copy(update={"phase": "Suspended", "paused_since": since, "open": {}})


def _resumed(state: GoalState, status: GoalStatus) -> GoalStatus:
    if status.paused_since is None:
        return status
    paused = status.paused_seconds + state.now - to_epoch(status.paused_since)
    return status.model_copy(update={"paused_since": None, "paused_seconds": paused})


def _prepare(state: GoalState, status: GoalStatus) -> Decision:
    """Data that are not ready: have them prepared, wait, or give up with the reason."""
    preparation = state.preparation
    if preparation.phase == "Failed":
        return _patch(state, _failed(state, status, "PreparationFailed", preparation.message))
    if preparation.phase == "Blocked":
        reason = preparation.reason or "Blocked"
        status = with_condition(state, status, "DatasetReady", "False", reason, preparation.message)
        patch = _patch(state, status.model_copy(update={"phase": "Pending"}))
        return Decision(patch.actions, state.now + LOOK_AGAIN)
    status = with_condition(state, status, "DatasetReady", "False", "Preparing", preparation.message)
    before: tuple[GoalAction, ...] = (PrepareDataset(),) if preparation.phase == "Absent" else ()
    return _patch(state, status.model_copy(update={"phase": "Preparing"}), *before)


def _failed(state: GoalState, status: GoalStatus, reason: str, message: str) -> GoalStatus:
    status = with_condition(state, status, "DatasetReady", "False", reason, message)
    return status.model_copy(update={"phase": "Failed", "open": {}, "finish_time": to_text(state.now)})


def _wait(state: GoalState, status: GoalStatus, why: str) -> Decision:
    """Nothing can begin before the baseline is there."""
    status = with_condition(state, status, "Accepted", "Unknown", "BaselineNotReady", why)
    patch = _patch(state, status.model_copy(update={"phase": "Pending"}))
    return Decision(patch.actions, state.now + LOOK_AGAIN)


def _with_dataset(state: GoalState, status: GoalStatus, card: Card) -> GoalStatus:
    """The status once the data are known."""
    metric = state.goal.spec.objective.metric  # the data's own where none was named
    baselines = {name: scores[metric] for name, scores in card.baselines.items() if metric in scores}
    dataset = DatasetStatus(
        key=card.key, data_hash=card.data_hash, source_hash=card.source_hash, sizes=card.sizes,
        chance=card.chance, baselines=baselines, overlap=card.overlap,
    )  # fmt: skip
    status = with_condition(state, status, "DatasetReady", "True", "Prepared", "")
    return status.model_copy(update={"dataset": dataset, "metric": metric})


def _told_decidable(state: GoalState, status: GoalStatus) -> GoalStatus:
    """The status once the target is known too, and whether a plain model meets it already."""
    objective, dataset = state.goal.spec.objective, status.dataset
    wanted = status.baseline.target if status.baseline else objective.target
    plain = dataset.baselines.items() if dataset else ()
    metric = METRICS[objective.metric]
    met = [
        f"{name} ({score:.4f})"
        for name, score in plain
        if wanted is not None and metric.reaches(score, wanted)
    ]
    message = f"target already met on validation by the baseline: {', '.join(met)}" if met else ""
    status = with_condition(state, status, "DatasetReady", "True", "Prepared", message)
    return with_condition(state, status, "Accepted", "True", "Decidable", "")


def _search(state: GoalState, status: GoalStatus, card: Card) -> Decision:
    """Settle what can be settled, end the goal or start what may start."""
    end = ends_at(state.goal.spec, status)
    consultation = Consultation(state.goal.spec, status.planning, state.call, state.now, state.holder)
    search = Search(state.goal, status, card, state.experiments, consultation)
    search.walk(out_of_time=end is not None and state.now >= end)
    said = [*consultation.told, *search.told]
    told = [Told(time=to_text(state.now), message=message[:240]) for message in said]
    status = status.model_copy(
        update={
            **search.status_fields(),
            "decisions": [*status.decisions, *told][-KEPT_DECISIONS:],
        }
    )
    if consultation.asks:
        status = with_condition(state, status, "PlannerReady", *consultation.ready)
    if search.verdict is not None:
        return _patch(state, _finished(state, status, search.verdict))
    status = with_condition(state, status, "Achieved", "Unknown", "Searching", "")
    decision = _patch(state, status, after=tuple(search.starts))
    again = [at for at in (end, consultation.look_again_at) if at is not None]
    return Decision(decision.actions, min(again, default=None))


_ACHIEVED: dict[str, Literal["True", "False", "Unknown"]] = {"Achieved": "True", "NotAchieved": "False"}


def _finished(state: GoalState, status: GoalStatus, verdict: Verdict) -> GoalStatus:
    truth = _ACHIEVED.get(verdict.verdict, "Unknown")
    status = with_condition(state, status, "Achieved", truth, verdict.reason, verdict.message)
    update: dict[str, Any] = {
        "phase": verdict.verdict,
        "budget": status.budget.model_copy(update={"reserved": Spending()}),
        "verdict": verdict,
        "open": {},
        "finish_time": to_text(state.now),
    }
    return status.model_copy(update=update)


def with_condition(
    state: GoalState,
    status: GoalStatus,
    kind: str,
    truth: Literal["True", "False", "Unknown"],
    reason: str,
    message: str,
) -> GoalStatus:
    """The status with one condition set; its transition time moves only when its truth does."""
    old = next((c for c in status.conditions if c.type == kind), None)
    since = old.last_transition_time if old and old.status == truth else to_text(state.now)
    new = Condition(
        type=kind, status=truth, reason=reason, message=message[:1024], last_transition_time=since,
        observed_generation=state.goal.metadata.generation,
    )  # fmt: skip
    others = [c for c in status.conditions if c.type != kind]
    return status.model_copy(update={"conditions": sorted([*others, new], key=lambda c: c.type)})


def _patch(
    state: GoalState, status: GoalStatus, *before: GoalAction, after: tuple[GoalAction, ...] = ()
) -> Decision:
    """`before`, then the status if it changed, then `after`."""
    change: tuple[GoalAction, ...] = (PatchGoal(status),) if status != state.goal.status else ()
    return Decision((*before, *change, *after))
