"""Documents made from documents: an Experiment from a proposal, a run's request from an Experiment."""

from seedbed.api import Experiment, ExperimentSpec, Metadata, ResearchGoal
from seedbed.api.common import OwnerReference, memory_bytes, seconds
from seedbed.engine.actions import Confirm, Propose
from seedbed.engine.naming import (
    configuration_hash,
    confirmation_name,
    confirmation_seeds,
    exploration_name,
    exploration_seeds,
    run_prefix,
)
from seedbed.engine.standard import seeds_of_attempt
from seedbed.planning.contract import Proposal
from seedbed.world import Profile
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, RunRequest


def build_experiment(
    goal: ResearchGoal, action: Propose | Confirm, proposal: Proposal, card: Card, profile: Profile
) -> Experiment:
    """The Experiment that explores or confirms a proposal; it holds all that is needed to run it again."""
    spec, name = goal.spec, goal.metadata.name
    if isinstance(action, Confirm):
        full_name, attempt = confirmation_name(name, action.attempt), action.attempt
        seeds = confirmation_seeds(spec.seeds.root, attempt, seeds_of_attempt(spec, attempt))
    else:
        full_name, attempt = exploration_name(name, action.index), None
        seeds = exploration_seeds(spec.seeds.root, spec.seeds.explore)
    return Experiment(
        metadata=Metadata(
            name=full_name,
            namespace=goal.metadata.namespace,
            labels={"seedbed.dev/goal": name},
            owner_references=[
                OwnerReference(api_version=goal.api_version, kind=goal.kind, name=name, uid=goal.metadata.uid)
            ],
        ),
        spec=ExperimentSpec(
            goal=name,
            index=action.index,
            attempt=attempt,
            purpose="Confirm" if attempt else "Explore",
            dataset=spec.dataset,
            data_hash=card.data_hash,
            metric=spec.objective.metric,
            also=[each.metric for each in spec.objective.also],
            model=proposal.model,
            training=proposal.training,
            seeds=seeds,
            device=profile.device,
            deadlines=spec.deadlines,
            resources=spec.resources,
            profile=spec.profile,
            image=profile.image,
            artifacts=spec.artifacts,
            hypothesis=proposal.hypothesis,
            parent=proposal.parent,
            change=proposal.change,
            expected_effect=proposal.expected_effect,
            tokens=0 if attempt else proposal.tokens,
            approved=spec.approval == "Automatic" or attempt is not None,
        ),
    )


def build_request(experiment: Experiment, seed: int, attempt: int, data_hash: str) -> RunRequest:
    """All that one run depends on."""
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
    )
