"""Refuses code of others where the laptop's owner did not allow it.

`drive` asks before anything starts, the launcher before each run.
"""

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.unsealed import MEANING, code_in
from seedbed.errors import InvalidInput


def require_permission(resource: ResearchGoal | Experiment, allowed: bool) -> None:
    """Pass what may run here.

    Args:
        resource: a goal or an Experiment.
        allowed: whether code may run unsealed.

    Raises:
        InvalidInput: the resource asks for code to be run, and that is not allowed.
    """
    if not allowed and (path := code_in(resource)) is not None:
        raise InvalidInput(
            f"{resource.metadata.name}: `{path}` has code run that nothing seals in: {MEANING}; if you "
            "accept that on this machine, add `--allow-unsealed`"
        )
