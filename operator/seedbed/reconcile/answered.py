"""A proposal from the answer to the planning LLM's last call, as the journal keeps it."""

from seedbed.api import ResearchGoal
from seedbed.engine.naming import call_key
from seedbed.errors import StorageFailed
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.journal import Replied
from seedbed.world import Artifacts


async def answered_proposal(goal: ResearchGoal, index: int, artifacts: Artifacts) -> Proposal:
    """Proposal `index`, which the status says is in that answer.

    Raises:
        StorageFailed: the journal no longer holds it.
    """
    planning = goal.status.planning
    assert planning is not None and planning.index <= index <= planning.through
    key = call_key(goal, planning.index, planning.call, "reply")
    data = await artifacts.get(key)
    if data is None:
        raise StorageFailed(f"proposal {index} of goal {goal.metadata.name} is missing: {key} was removed")
    return Replied.model_validate_json(data).proposals[index - planning.index]
