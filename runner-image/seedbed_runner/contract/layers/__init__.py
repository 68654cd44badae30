"""The layers that a manifest can name, and the one place where their shapes are inferred.

`check` finds mistakes without data, `resolve` infers every size from the data's shape; both sides use them.

    arguments   kinds of values            effects, text_effects   what a layer does to a shape
    layertype   what is said of a type     table, texts            the layer types
    check       mistakes without shapes    plan                    a resolved model
    signals     what flows between layers  resolve                 shapes, sizes, costs
    torchvision classifiers by name
"""

from seedbed_runner.contract.layers.check import check
from seedbed_runner.contract.layers.plan import LayerError, Plan, Step
from seedbed_runner.contract.layers.resolve import resolve
from seedbed_runner.contract.layers.torchvision import TORCHVISION, torchvision_classifier

__all__ = ["TORCHVISION", "LayerError", "Plan", "Step", "check", "resolve", "torchvision_classifier"]
