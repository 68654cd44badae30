"""The next proposal of a goal, asked for beside its search: nothing is stored, and nothing of it is run.

The prompt, the call and the reading of the answer are those of the search; only the status and the journal,
which make a call unique there, are left out.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.api import ResearchGoal
from seedbed.api.common import seconds
from seedbed.api.goal import GoalSpec
from seedbed.cli.documents import FolderDocuments, open_folder
from seedbed.cli.find import find_goal
from seedbed.cli.manifests import read
from seedbed.cli.servers import require_servers
from seedbed.engine.naming import proposal_key
from seedbed.errors import InvalidInput, LauncherFailed
from seedbed.local.permission import runs_code
from seedbed.local.preparing import prepare
from seedbed.local.settings import Settings
from seedbed.planning.contract import Proposal, ProposalRequest
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.client import ask
from seedbed.planning.llm.consult import Turn, answer_tokens, first_prompt, offer_of
from seedbed.planning.llm.failures import ModelFailure, Unsupported
from seedbed.planning.llm.journal import Replied
from seedbed.planning.llm.prompt import Prompt
from seedbed.planning.llm.providers import Providers
from seedbed.planning.llm.schema import answer_schema
from seedbed.planning.search import SearchPlanner
from seedbed.reconcile.requests import build_proposal_request
from seedbed_runner.contract.records import Card

MANIFESTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Consulted:
    """What was asked and what came of it.

    `prompt` is None for the search planner; `replies` hold the calls that were made, in order.
    """

    goal: ResearchGoal
    request: ProposalRequest
    prompt: Prompt | None = None
    asked: str | None = None
    replies: tuple[Replied, ...] = ()
    proposals: tuple[Proposal, ...] = ()


def goal_and_documents(what: str | None, folder: str | None) -> tuple[ResearchGoal, FolderDocuments]:
    """The goal that a name or a manifest means; that of a manifest is at its beginning.

    Raises:
        NotFound: there is no goal of that name.
        InvalidInput: the manifest is wrong, or has another number of goals than one.
    """
    documents = open_folder(folder)
    if what is None or not (what == "-" or Path(what).suffix in MANIFESTS):
        return find_goal(documents, what), documents
    goals = [each for each in read(what) if isinstance(each, ResearchGoal)]
    if len(goals) != 1:
        raise InvalidInput(f"{what} has {len(goals)} ResearchGoals: give a manifest with one")
    return goals[0], documents


def consult(goal: ResearchGoal, documents: FolderDocuments, settings: Settings, call: bool) -> Consulted:
    """Make the request for the goal's next proposal, and the proposal if `call`.

    Raises:
        InvalidInput: the provider is not set up; or no call is wanted of a planner that makes none.
        LauncherFailed: the dataset can't be prepared.
        PlannerFailed: no prompt can be made, or there is nothing to propose.
    """
    asks = goal.spec.planner.type == "LLM"
    if not asks and not call:
        raise InvalidInput(f"{goal.metadata.name}: spec.planner.type is Search, which is sent no prompt")
    if call:
        require_servers([goal], settings)
    request = _request(goal, documents)
    if not asks:
        return Consulted(goal, request, proposals=(SearchPlanner().propose(request),))
    offer = offer_of(goal.spec, _batch(request), None, runs_code(goal, settings.allow_unsealed))
    prompt = first_prompt(request, offer)
    if not call:
        return Consulted(goal, request, prompt)
    return _ask(goal, request, prompt, settings)


def _request(goal: ResearchGoal, documents: FolderDocuments) -> ProposalRequest:
    """All that the next proposal may depend on, as far as it is known by now."""
    proposals: list[Proposal] = []
    while data := documents.artifact(proposal_key(goal, len(proposals) + 1)):
        proposals.append(Proposal.model_validate_json(data))
    visible = max(0, len(proposals) + 1 - goal.spec.budget.parallel)
    return build_proposal_request(goal, visible, _card(goal, documents), proposals)


def _card(goal: ResearchGoal, documents: FolderDocuments) -> Card:
    if (card := documents.card(goal)) is not None:
        return card
    documents.folder.create()
    dataset = goal.spec.dataset
    problem = asyncio.run(prepare(dataset.document(), documents.folder.datasets.resolve()))
    card = documents.card(goal)
    if card is None:
        raise LauncherFailed(f"the dataset {dataset.name} can't be prepared: {problem}")
    return card


def _batch(request: ProposalRequest) -> int:
    budget = request.goal.budget
    return max(1, min(budget.parallel, budget.experiments - request.index + 1))


def _ask(goal: ResearchGoal, request: ProposalRequest, prompt: Prompt, settings: Settings) -> Consulted:
    """One call; another one only where the server said that it can't do what the first asked for."""
    spec = goal.spec
    provider = Providers(settings.providers).of(spec.planner)
    offer = offer_of(spec, _batch(request), None, runs_code(goal, settings.allow_unsealed))
    schema = answer_schema(request.read_card(), offer)
    replies: list[Replied] = []
    capability: Capability | None = _known(goal)
    while capability is not None:
        turn, started = Turn(request.index, len(replies) + 1), time.monotonic()
        limits = (answer_tokens(spec.planner.tokens_per_call), seconds(spec.planner.timeout))
        try:
            reply = ask(provider, list(prompt.messages), schema, *limits, capability)
            replies.append(turn.answered(reply, request, offer, time.time()))
            capability = None
        except ModelFailure as failure:
            latency = time.monotonic() - started
            replies.append(turn.failed(failure, turn.call, goal.metadata.name, latency, time.time()))
            capability = failure.capability if isinstance(failure, Unsupported) else None
    last = tuple(replies[-1].proposals)
    return Consulted(goal, request, prompt, provider.label, tuple(replies), last)


def _known(goal: ResearchGoal) -> Capability:
    """What the goal's search has learned of the server."""
    planning = goal.status.planning
    return Capability.model_validate(planning.capability if planning else {})


def document(consulted: Consulted) -> dict[str, Any]:
    """The same for programs."""
    spec: GoalSpec = consulted.goal.spec
    prompt = consulted.prompt
    return {
        "goal": consulted.goal.metadata.name,
        "planner": spec.planner.type,
        "index": consulted.request.index,
        "provider": consulted.asked,
        "prompt": prompt and {
            "version": prompt.version,
            "messages": list(prompt.messages),
            "tokens": prompt.tokens,
            "maxTokens": answer_tokens(spec.planner.tokens_per_call),
            "cut": list(prompt.cut),
        },
        "calls": [each.document() for each in consulted.replies],
        "proposals": [each.document() for each in consulted.proposals],
    }  # fmt: skip
