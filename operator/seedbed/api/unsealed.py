"""Which resources bring code of their own, and what it means to run that before there is a seal.

Layers and torchvision's classifiers are code of ours. A model's source text is anybody's: whoever owns the
machines says whether it may run there, by a laptop's settings or a cluster's profile. Its runs have the
assurance `none`, and no claim is made of them.
"""

from seedbed.api.experiment import Experiment
from seedbed.api.goal import ResearchGoal

MEANING = "it could read test labels, files and whatever its user may reach"


def code_in(resource: ResearchGoal | Experiment) -> str | None:
    """The path of the field that asks for code to be run, or None."""
    if isinstance(resource, Experiment):
        return "spec.model.source" if resource.spec.model.source is not None else None
    planner = resource.spec.planner
    return "spec.planner.code" if planner.type == "LLM" and planner.code else None
