"""`build`: the one way from a run's model to a module; called in the train child.

`build_model` is the part of it whose code is our own. Every size comes from `contract.layers`, so what it
builds is what the control side counted. Weights get torch's default initialisation from torch's global
generator, which the caller has seeded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from seedbed_runner.contract.layers import LayerError, resolve
from seedbed_runner.models.built import Built
from seedbed_runner.models.layers import sequence


def build(model: Mapping[str, Any], input_shape: Sequence[int], classes: int, vocabulary: int = 0) -> Built:
    """A module with fresh weights, and what of the training its description brings along.

    Args:
        model: what `build_model` takes, or `{"source": text}` as `contract.source` says.
        input_shape: of one item.
        classes: how many logits.
        vocabulary: items are token ids (whole numbers) below it, 0 is padding; 0: they are numbers.

    Raises:
        LayerError: the model does not fit the data; the message says which layer and why.
        ModelFailure: the source does not give a model that does.
    """
    if set(model) == {"source"}:
        from seedbed_runner.models.generated import build_generated  # most runs have no use for it

        return build_generated(model["source"], input_shape, classes, vocabulary)
    return Built(build_model(model, input_shape, classes, vocabulary))


def build_model(
    model: Mapping[str, Any], input_shape: Sequence[int], classes: int, vocabulary: int = 0
) -> nn.Module:
    """A module with fresh weights that takes (batch, *input_shape) and gives (batch, classes) logits.

    Args:
        model: `{"layers": [...]}` or `{"torchvision": {"name": ...}}`.
        input_shape: of one item.
        classes: how many logits.
        vocabulary: items are token ids (whole numbers) below it, 0 is padding; 0: they are numbers.

    Raises:
        LayerError: the model does not fit the data; the message says which layer and why.
    """
    if set(model) == {"layers"}:
        return sequence(resolve(model["layers"], input_shape, classes, vocabulary).steps)
    if set(model) == {"torchvision"}:
        from seedbed_runner.models.classifiers import build_classifier  # slow to import, seldom used

        return build_classifier(model["torchvision"]["name"], input_shape, classes)
    raise LayerError(f"model: exactly one of `layers` and `torchvision` is needed, not {sorted(model)}")
