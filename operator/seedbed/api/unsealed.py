"""Which resources bring code of their own, and what it means to run that where it can't be sealed in.

Layers and torchvision's classifiers are code of ours. A model's source text is anybody's: it runs sealed in.
Where a machine can't do that, its owner says whether it may run all the same, by a laptop's settings or a
cluster's profile; no claim is made of such runs.
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
