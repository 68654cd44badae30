"""Reads what was planned for a goal where documents are kept: for `journal` and for reports."""

from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from seedbed.api import ResearchGoal
from seedbed.cli.documents import Documents
from seedbed.engine.naming import owner_prefix, proposal_key
from seedbed.errors import StorageFailed
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.entries import Journal, mistakes, pair

AT_ONCE = 8  # a store takes its time for each


def read_journal(documents: Documents, goal: ResearchGoal) -> Journal:
    """Every call to the planning LLM; none for a goal of the search planner, or where none can be read."""
    if goal.spec.planner.type != "LLM":
        return Journal()
    keys = documents.keys(f"{owner_prefix(goal)}/journal")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(documents.artifact, keys))
    return pair({key: data for key, data in zip(keys, found, strict=True) if data is not None})


def read_proposals(documents: Documents, goal: ResearchGoal) -> dict[int, Proposal]:
    """Every stored proposal, by its index; they are numbered without gaps.

    Raises:
        StorageFailed: one is damaged.
    """
    found: dict[int, Proposal] = {}
    while (data := documents.artifact(key := proposal_key(goal, len(found) + 1))) is not None:
        try:
            found[len(found) + 1] = Proposal.model_validate_json(data)
        except ValidationError as error:
            raise StorageFailed(
                f"{key} in {documents.place} is damaged: {mistakes(Proposal, error)}"
            ) from None
    return found
