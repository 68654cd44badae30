"""The resources `ResearchGoal` and `Experiment` as pydantic models; the CRDs are generated from them."""

from seedbed.api.common import Condition, Metadata
from seedbed.api.experiment import Experiment, ExperimentSpec, ExperimentStatus
from seedbed.api.goal import GoalSpec, ResearchGoal
from seedbed.api.progress import GoalStatus

GROUP = "seedbed.dev"
VERSION = "v1alpha1"

__all__ = [
    "GROUP",
    "VERSION",
    "Condition",
    "Experiment",
    "ExperimentSpec",
    "ExperimentStatus",
    "GoalSpec",
    "GoalStatus",
    "Metadata",
    "ResearchGoal",
]
