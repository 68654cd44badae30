"""From a model's description in a manifest to an `nn.Module`: layer lists and torchvision's classifiers."""

from seedbed_runner.models.build import build_model

__all__ = ["build_model"]
