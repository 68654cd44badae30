"""The names of the changes of training images; what they do is `seedbed_runner.augmentations`."""

from typing import Literal, get_args

Augmentation = Literal["Flip", "Crop", "Cutout", "Jitter"]
AUGMENTATIONS: tuple[Augmentation, ...] = get_args(Augmentation)
