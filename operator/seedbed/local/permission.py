"""Refuses code of others where this machine can't seal it in and its owner did not allow that.

`drive` asks before anything starts, the launcher before each run.
"""

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.unsealed import MEANING, code_in
from seedbed.errors import InvalidInput
from seedbed.local.machine import missing_seal
from seedbed.planning.llm.offer import CodeRuns


def require_permission(resource: ResearchGoal | Experiment, allowed: bool) -> None:
    """Pass what may run here.

    Args:
        resource: a goal or an Experiment.
        allowed: whether code may run where it can't be sealed in.

    Raises:
        InvalidInput: the resource has code run that this machine can't seal in, and that is not allowed.
    """
    if allowed or (path := code_in(resource)) is None or (lacking := missing_seal()) is None:
        return
    raise InvalidInput(
        f"{resource.metadata.name}: `{path}` has code run that this machine can't seal in ({lacking}): "
        f"{MEANING}; `research-agent doctor` says how to get the seal; if you accept that here, add "
        "`--allow-unsealed`, and no claim is made of it"
    )


def runs_code(goal: ResearchGoal, allowed: bool) -> CodeRuns:
    """How code runs here, for what a planner is offered; asked of the machine only if the goal wants code."""
    if code_in(goal) is None or missing_seal() is None:
        return "sealed"
    return "unsealed" if allowed else "refused"
