"""Names, seeds and keys: who computes them twice must get the same."""

from typing import Literal

from seedbed.api import Experiment, ResearchGoal
from seedbed_runner.contract.hashing import experiment_hash
from seedbed_runner.contract.records import RunResult

SEEDS_PER_ROOT = 100_000
SEEDS_PER_ATTEMPT = 1_000
FIRST_CONTROL, SEEDS_PER_CONTROL = 90_000, 10


def exploration_name(goal: str, index: int) -> str:
    """The Experiment that explores proposal `index`."""
    return f"{goal}-e{index:03d}"


def confirmation_name(goal: str, attempt: int) -> str:
    """The Experiment that confirms in attempt `attempt`."""
    return f"{goal}-c{attempt}"


def control_name(goal: str, index: int) -> str:
    """The Experiment that trains proposal `index` on permuted labels."""
    return f"{goal}-i{index:03d}"


def exploration_seeds(root: int, count: int) -> list[int]:
    """The seeds of every exploration: the same for all candidates, so that luck is shared."""
    return [root * SEEDS_PER_ROOT + i for i in range(count)]


def confirmation_seeds(root: int, attempt: int, count: int) -> list[int]:
    """Fresh seeds of one attempt: disjoint from every exploration and every other attempt."""
    return [root * SEEDS_PER_ROOT + attempt * SEEDS_PER_ATTEMPT + i for i in range(count)]


def control_seeds(root: int, index: int, count: int) -> list[int]:
    """The seeds of one candidate's control: disjoint from every exploration, attempt and other control."""
    return [root * SEEDS_PER_ROOT + FIRST_CONTROL + index * SEEDS_PER_CONTROL + i for i in range(count)]


def owner_prefix(resource: ResearchGoal | Experiment) -> str:
    """Where everything of a goal, or of an Experiment that stands alone, is kept: `namespace/name-uid`."""
    meta = resource.metadata
    if isinstance(resource, Experiment):
        for owner in meta.owner_references:
            if owner.kind == "ResearchGoal":
                return f"{meta.namespace}/{owner.name}-{owner.uid}"
    return f"{meta.namespace}/{meta.name}-{meta.uid}"


def proposal_key(goal: ResearchGoal, index: int) -> str:
    """Where proposal `index` is kept."""
    return f"{owner_prefix(goal)}/proposals/e{index:03d}.json"


def call_key(goal: ResearchGoal, index: int, call: int, part: Literal["prompt", "reply"]) -> str:
    """Where the journal keeps one side of a call to the planning LLM."""
    return f"{owner_prefix(goal)}/journal/e{index:03d}-{call:02d}-{part}.json"


def configuration_hash(experiment: Experiment) -> str:
    """The identity of what an Experiment trains: model, training and data."""
    spec = experiment.spec
    return experiment_hash(spec.model.document(), spec.training.document(), spec.data_hash or "")


def run_prefix(experiment: Experiment, seed: int) -> str:
    """Where a run's record is kept; it names the configuration, so that another one can't adopt it."""
    short = configuration_hash(experiment)[7:15]
    return f"{owner_prefix(experiment)}/runs/{experiment.metadata.name}-{short}/s{seed}"


def result_key(experiment: Experiment, seed: int) -> str:
    """The record of a run."""
    return f"{run_prefix(experiment, seed)}/result.json"


def artifacts_prefix(experiment: Experiment, result: RunResult) -> str:
    """Where the files are kept that a record vouches for: those of its attempt, beside it."""
    return f"{run_prefix(experiment, result.seed)}/{result.artifacts}"
