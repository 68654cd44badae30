"""From a manifest to a resource in the folder: made, or gone on with when it is there already.

Called by `run` and the one-line form while they are the one process that works in the folder. What may differ
from the resource that is there is what its specification may change: a goal's budget rises, `suspend` and
`approval` are taken over. Anything else is another goal, and needs another name.
"""

from collections.abc import Iterator
from typing import Any

from seedbed.api import Experiment, ExperimentStatus, GoalStatus, ResearchGoal
from seedbed.api.common import seconds
from seedbed.api.goal import Budget
from seedbed.cli.documents import Resources
from seedbed.cli.hints import purge_command
from seedbed.errors import Conflict, InvalidInput
from seedbed.local.store import FolderStore

CHANGEABLE = frozenset({"budget", "suspend", "approval"})


async def take_over(store: FolderStore, wanted: ResearchGoal | Experiment) -> str:
    """Have the resource in the folder as the manifest says; a sentence about what was done.

    Raises:
        InvalidInput: one of that name is there and differs in what can't be changed.
    """
    if isinstance(wanted, Experiment):
        return await _take_over_experiment(store, wanted)
    name = wanted.metadata.name
    there = store.read(ResearchGoal, name)
    if there is None:
        await store.create(wanted.model_copy(update={"status": GoalStatus()}))
        return f"{name}: new goal in {store.folder.root}"
    _refuse_differences(store, there, wanted, CHANGEABLE)
    return go_on(store, there, wanted)


def go_on(store: Resources, there: ResearchGoal, wanted: ResearchGoal) -> str:
    """Have a goal go on with what may change of it; a sentence about what was done.

    Raises:
        InvalidInput: a part of the budget would become smaller.
    """
    name, changes = there.metadata.name, _changes(there, wanted)
    if there.status.phase == "Achieved":
        return f"{name}: is Achieved already, and its claim stands"
    retried = there.status.phase == "Failed" or forget_missing(store, there)
    if changes or retried:
        change_goal(
            store, name, budget=wanted.spec.budget, suspend=wanted.spec.suspend, approval=wanted.spec.approval
        )
    if changes:
        return f"{name}: goes on with {', '.join(changes)}"
    if retried:
        return f"{name}: what this machine failed to run is tried again"
    return f"{name}: is {there.status.phase} already" if there.status.finished else f"{name}: goes on"


async def _take_over_experiment(store: FolderStore, wanted: Experiment) -> str:
    name = wanted.metadata.name
    check_stands_alone(wanted)
    there = store.read(Experiment, name)
    if there is not None and there.status.phase == "Refused":  # nothing of it ever ran
        store.delete(Experiment, name)
        there = None
    if there is None:
        await store.create(wanted.model_copy(update={"status": ExperimentStatus()}))
        return f"{name}: new Experiment in {store.folder.root}"
    _refuse_differences(store, there, wanted, frozenset({"approved"}))
    if wanted.spec.approved and not there.spec.approved:
        store.patch_spec(there, approved=True)
    over = there.status.phase in ("Completed", "Failed")
    return f"{name}: is {there.status.phase} already" if over else f"{name}: goes on"


def check_stands_alone(wanted: ResearchGoal | Experiment) -> None:
    """Refuse an Experiment that says it belongs to a goal.

    Raises:
        InvalidInput: it does.
    """
    if isinstance(wanted, Experiment) and wanted.spec.goal is not None:
        name = wanted.metadata.name
        raise InvalidInput(f"{name}: `spec.goal` is for the experiments that a goal makes: leave it out")


def forget_missing(store: Resources, goal: ResearchGoal) -> bool:
    """Remove the Experiments for whose missing seeds a goal ended undecided; they are made again.

    What they recorded is adopted, so only the missing seeds are run.
    """
    verdict, forgotten = goal.status.verdict, False
    if verdict is None or verdict.reason != "SeedMissing":
        return False
    for experiment in store.read_all(Experiment):
        mine = any(owner.uid == goal.metadata.uid for owner in experiment.metadata.owner_references)
        if mine and any(run.phase == "Missing" for run in experiment.status.runs):
            store.delete(Experiment, experiment.metadata.name)
            forgotten = True
    return forgotten


def change_goal(store: Resources, name: str, **update: Any) -> None:
    """Change a goal's specification, whoever else changes its status meanwhile.

    Every call is a new generation, which has a goal that ended without a claim decided again.
    """
    while (goal := store.read(ResearchGoal, name)) is not None:
        try:
            store.patch_spec(goal, **update)
            return
        except Conflict:
            continue


def check_rises(old: Budget, new: Budget, name: str) -> list[str]:
    """What was raised, in words.

    Raises:
        InvalidInput: a part of the budget became smaller.
    """
    before, after, raised = old.document(), new.document(), []
    for part, value in after.items():
        if value == before[part]:
            continue
        if _amount(value) < _amount(before[part]):
            raise InvalidInput(
                f"{name}: `budget.{part}` is {before[part]} and can only be raised, not lowered to {value}"
            )
        raised.append(f"`budget.{part}` {value} instead of {before[part]}")
    return raised


def _amount(value: Any) -> float:
    return seconds(value) if isinstance(value, str) else float(value)


def _changes(there: ResearchGoal, wanted: ResearchGoal) -> list[str]:
    changes = check_rises(there.spec.budget, wanted.spec.budget, there.metadata.name)
    if there.spec.suspend != wanted.spec.suspend:
        changes.append(f"`suspend` {str(wanted.spec.suspend).lower()}")
    if there.spec.approval != wanted.spec.approval:
        changes.append(f"`approval` {wanted.spec.approval}")
    return changes


def _refuse_differences(
    store: FolderStore,
    there: ResearchGoal | Experiment,
    wanted: ResearchGoal | Experiment,
    changeable: frozenset[str],
) -> None:
    old, new = there.spec.document(), wanted.spec.document()
    for part in changeable:
        old.pop(part, None)
        new.pop(part, None)
    differing = list(_differences(old, new, "spec"))
    if differing:
        name = there.metadata.name
        raise InvalidInput(
            f"there is a {there.kind} named {name} already that differs: {'; '.join(differing[:3])}; "
            "give this one another name (`--name`), or remove that one: "
            f"{purge_command(name, store.folder.root)}"
        )


def _differences(old: Any, new: Any, path: str) -> Iterator[str]:
    """Each place where two documents differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}")
    elif old != new:
        yield f"{path} is {_shown(old)} there and {_shown(new)} here"


def _shown(value: Any) -> str:
    text = "not given" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
