"""Which of torchvision's classifiers can be named, and the smallest image that each can take.

So a manifest is refused, with near matches, where torchvision is not installed. Each is trained from random
weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed_runner.contract.layers.check import near
from seedbed_runner.contract.layers.effects import words
from seedbed_runner.contract.layers.plan import LayerError


@dataclass(frozen=True)
class Classifier:
    """One of torchvision's classifiers.

    Attributes:
        stem: path of its first convolution, which is fitted to the image's channels.
        minimum_side: the smallest height and width for which every layer gets at least one pixel.
    """

    stem: str
    minimum_side: int = 1


TORCHVISION: dict[str, Classifier] = {
    "alexnet": Classifier("features.0", 63),
    "convnext_tiny": Classifier("features.0.0", 32),
    "densenet121": Classifier("features.conv0", 29),
    "efficientnet_b0": Classifier("features.0.0"),
    "mnasnet0_5": Classifier("layers.0"),
    "mobilenet_v2": Classifier("features.0.0"),
    "mobilenet_v3_large": Classifier("features.0.0"),
    "mobilenet_v3_small": Classifier("features.0.0"),
    "regnet_y_400mf": Classifier("stem.0"),
    "resnet18": Classifier("conv1"),
    "resnet34": Classifier("conv1"),
    "resnet50": Classifier("conv1"),
    "resnext50_32x4d": Classifier("conv1"),
    "shufflenet_v2_x0_5": Classifier("conv1.0"),
    "shufflenet_v2_x1_0": Classifier("conv1.0"),
    "squeezenet1_1": Classifier("features.0", 17),
    "vgg11_bn": Classifier("features.0", 32),
    "wide_resnet50_2": Classifier("conv1"),
}


def torchvision_classifier(name: str, input_shape: Sequence[int] | None = None) -> Classifier:
    """The classifier of that name, once it is sure that it can take the images.

    Args:
        name: as in a manifest's `torchvision.name`.
        input_shape: of one item; None where the data is not known yet.

    Raises:
        LayerError: no such classifier here, the data are no images, or they are too small.
    """
    if name not in TORCHVISION:
        hint = near(name, list(TORCHVISION)) or f"; there are {', '.join(TORCHVISION)}"
        raise LayerError(f"torchvision.name: {name[:64]!r} is no classifier known here{hint}")
    classifier = TORCHVISION[name]
    if input_shape is None:
        return classifier
    shape = tuple(input_shape)
    if len(shape) != 3:
        raise LayerError(f"torchvision {name}: needs channels × height × width, but items are {words(shape)}")
    if min(shape[1:]) < classifier.minimum_side:
        side = classifier.minimum_side
        raise LayerError(
            f"torchvision {name}: needs images of at least {side}×{side}, but these are {words(shape[1:])}: "
            "take a smaller classifier, such as resnet18, or `layers`"
        )
    return classifier
