"""From a model's description to an `nn.Module`: layer lists, torchvision's classifiers, source text."""

from seedbed_runner.models.build import build, build_model
from seedbed_runner.models.built import Built

__all__ = ["Built", "build", "build_model"]
