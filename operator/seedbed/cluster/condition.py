"""The condition `Reconciled`: False, with the sentence, while a resource can't be brought forward.

It is there only while there is trouble, so that a resource that never had any looks as it does on a laptop.
A sentence that differs in its numbers alone is not written again: the write itself is an event, which would
have the resource looked at again at once.
"""

import re
from typing import Any

from seedbed.api import Condition, Experiment, ResearchGoal
from seedbed.engine.instants import to_text
from seedbed.errors import Conflict, NotFound, SeedbedError
from seedbed.world import Resource, Store

TYPE = "Reconciled"
MOST = 8  # conditions on a resource


async def put(store: Store, kind: type[Resource], name: str, error: SeedbedError, now: float) -> None:
    """Say on the resource what went wrong."""
    resource = await store.get(kind, name)
    if resource is None:
        return
    old = _find(resource)
    new = Condition(
        type=TYPE,
        status="False",
        reason=type(error).__name__,
        message=str(error)[:1024],
        last_transition_time=old.last_transition_time if old else to_text(now),
        observed_generation=resource.metadata.generation,
    )
    if old is None or (old.reason, _gist(old.message)) != (new.reason, _gist(new.message)):
        await _write(store, resource, [new])


async def remove(store: Store, kind: type[Resource], name: str) -> None:
    """Take it back, if it is there."""
    resource = await store.get(kind, name)
    if resource is not None and _find(resource) is not None:
        await _write(store, resource, [])


def _find(resource: ResearchGoal | Experiment) -> Condition | None:
    return next((each for each in resource.status.conditions if each.type == TYPE), None)


async def _write(store: Store, resource: Resource, ours: list[Condition]) -> None:
    others: list[Condition] = [each for each in resource.status.conditions if each.type != TYPE]
    conditions = sorted([*others[: MOST - 1], *ours], key=lambda each: each.type)
    status: Any = resource.status.model_copy(update={"conditions": conditions})
    try:
        await store.patch_status(resource, status)
    except (Conflict, NotFound):
        return  # it changed or is gone: it will be looked at again


def _gist(message: str) -> str:
    """The sentence without what differs from one time to the next."""
    return re.sub(r"[0-9a-f-]{8,}|[0-9]+", "#", message)
