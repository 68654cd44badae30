"""Documents made from documents: an Experiment from a proposal, a run's request from an Experiment."""

from collections.abc import Sequence

from seedbed.api import Experiment, ExperimentSpec, Metadata, ResearchGoal
from seedbed.api.common import OwnerReference, memory_bytes, seconds
from seedbed.api.integrity import CONTROL_RUNS
from seedbed.engine.actions import Confirm, Control, Propose
from seedbed.engine.goal import by_own_metric
from seedbed.engine.integrity import control_metric
from seedbed.engine.naming import (
    configuration_hash,
    confirmation_name,
    confirmation_seeds,
    control_name,
    control_seeds,
    exploration_name,
    exploration_seeds,
    run_prefix,
)
from seedbed.engine.standard import seeds_of_attempt
from seedbed.planning.contract import Proposal, ProposalRequest, Tried
from seedbed.world import Profile
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Assurance, Card, Purpose, RunRequest

_STRICT = Profile()


def build_experiment(
    goal: ResearchGoal, action: Propose | Control | Confirm, proposal: Proposal, card: Card, profile: Profile
) -> Experiment:
    """The Experiment that an action asks for; it holds all that is needed to run it again."""
    spec, objective = goal.spec, by_own_metric(goal, card).spec.objective
    full_name, purpose, seeds = _runs(goal, action)
    control = purpose == "Control"
    return Experiment(
        metadata=Metadata(
            name=full_name,
            namespace=goal.metadata.namespace,
            labels={"seedbed.dev/goal": goal.metadata.name},
            owner_references=[
                OwnerReference(
                    api_version=goal.api_version,
                    kind=goal.kind,
                    name=goal.metadata.name,
                    uid=goal.metadata.uid,
                )
            ],
        ),
        spec=ExperimentSpec(
            goal=goal.metadata.name,
            index=action.index,
            attempt=action.attempt if isinstance(action, Confirm) else None,
            purpose=purpose,
            dataset=spec.dataset,
            data_hash=card.data_hash,
            metric=control_metric(objective.metric) if control else objective.metric,
            also=[] if control else [each.metric for each in objective.also],
            latency=purpose == "Confirm" and bool(spec.latencies),
            model=proposal.model,
            training=proposal.training,
            seeds=seeds,
            device=profile.device,
            deadlines=spec.deadlines,
            resources=proposal.resources or spec.resources,
            profile=spec.profile,
            image=profile.image,
            artifacts=spec.artifacts,
            hypothesis=proposal.hypothesis,
            parent=proposal.parent,
            change=proposal.change,
            expected_effect=proposal.expected_effect,
            tokens=proposal.tokens if purpose == "Explore" else 0,
            approved=spec.approval == "Automatic" or purpose != "Explore",
        ),
    )


def _runs(goal: ResearchGoal, action: Propose | Control | Confirm) -> tuple[str, Purpose, list[int]]:
    """Name, purpose and seeds of the Experiment that an action asks for."""
    name, seeds = goal.metadata.name, goal.spec.seeds
    match action:
        case Propose():
            return (
                exploration_name(name, action.index), "Explore", exploration_seeds(seeds.root, seeds.explore)
            )  # fmt: skip
        case Control():
            drawn = control_seeds(seeds.root, action.index, CONTROL_RUNS)
            return control_name(name, action.index), "Control", drawn
        case Confirm():
            count = seeds_of_attempt(goal.spec, action.attempt)
            drawn = confirmation_seeds(seeds.root, action.attempt, count)
            return confirmation_name(name, action.attempt), "Confirm", drawn


def build_proposal_request(
    goal: ResearchGoal, visible: int, card: Card, proposals: Sequence[Proposal]
) -> ProposalRequest:
    """All that the next proposal depends on.

    Args:
        goal: with its status.
        visible: experiments 1 to this one may be seen.
        card: of its dataset.
        proposals: every earlier one, in order.
    """
    lines = goal.status.experiments[:visible]
    return ProposalRequest(
        index=len(proposals) + 1,
        goal=by_own_metric(goal, card).spec,
        target=goal.target,
        card=card.__dict__,
        history=[Tried(proposal=one, line=line) for one, line in zip(proposals, lines, strict=False)],
        pending=list(proposals[len(lines) :]),
    )


def build_request(
    experiment: Experiment, seed: int, attempt: int, data_hash: str, profile: Profile = _STRICT
) -> RunRequest:
    """All that one run depends on; `profile` says under which seal it must run."""
    spec = experiment.spec
    return RunRequest(
        run_uid=run_prefix(experiment, seed),
        experiment=experiment.metadata.name,
        experiment_hash=configuration_hash(experiment),
        seed=seed,
        attempt=attempt,
        purpose=spec.purpose,
        dataset_key=dataset_key(spec.dataset.document()),
        data_hash=data_hash,
        model=spec.model.document(),
        training=spec.training.document(),
        metric=spec.metric,
        threads=spec.threads,
        device=spec.device,
        deadline_seconds=seconds(spec.deadlines.run),
        memory_bytes=memory_bytes(spec.resources.memory),
        image=spec.image,
        demand=demand(experiment, profile),
        declared=profile.declared,
        latency=spec.latency,
    )


def demand(experiment: Experiment, profile: Profile) -> Assurance:
    """The least assurance under which an Experiment may run."""
    if experiment.spec.model.source is None:
        return "trusted-code"
    return "none" if profile.allow_unsealed else "sealed"
