"""What `spec.training.augment` names: changes of a batch of images that leave its classes as they are.

Each works on a whole batch on its device (rows × channels × height × width, scaled) and draws from torch's
global generator, which `randomness.with_stream` gives a stream of its own. Validation and test rows are never
augmented.
"""

from collections.abc import Callable, Sequence

import torch
from torch.nn.functional import pad

from seedbed_runner.errors import ModelFailure

Augmentation = Callable[[torch.Tensor], torch.Tensor]


def flip(images: torch.Tensor) -> torch.Tensor:
    """Half of the images from right to left."""
    turned = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
    return torch.where(turned, images.flip(3), images)


def crop(images: torch.Tensor) -> torch.Tensor:
    """A window of the same size from the image with an eighth of its side in zeros around it."""
    rows, _, height, width = images.shape
    margin = max(1, min(height, width) // 8)
    padded = pad(images, (margin,) * 4)
    top, left = torch.randint(0, 2 * margin + 1, (2, rows, 1), device=images.device)
    down = top + torch.arange(height, device=images.device)  # (rows, height)
    right = left + torch.arange(width, device=images.device)  # (rows, width)
    row = torch.arange(rows, device=images.device)[:, None, None]
    windows: torch.Tensor = padded[row, :, down[:, :, None], right[:, None, :]]
    return windows.permute(0, 3, 1, 2)


def cutout(images: torch.Tensor) -> torch.Tensor:
    """Zeros in a square of half the side around any pixel, as in DeVries and Taylor (1708.04552)."""
    rows, _, height, width = images.shape
    half = max(1, min(height, width) // 4)
    drawn = torch.rand(2, rows, 1, device=images.device)
    inside = []
    for centre, side in zip(drawn, (height, width), strict=True):
        away = torch.arange(side, device=images.device) - (centre * side).floor()
        inside.append((away >= -half) & (away < half))  # (rows, side)
    hole = inside[0][:, :, None] & inside[1][:, None, :]
    return torch.where(hole[:, None], 0.0, images)


def jitter(images: torch.Tensor) -> torch.Tensor:
    """Contrast and brightness of each image, by up to a fifth of a deviation."""
    drawn = 0.4 * torch.rand(2, len(images), 1, 1, 1, device=images.device) - 0.2
    return images * (1 + drawn[0]) + drawn[1]


AUGMENTATIONS: dict[str, Augmentation] = {"Flip": flip, "Crop": crop, "Cutout": cutout, "Jitter": jitter}


def named(names: Sequence[str], input_shape: Sequence[int]) -> Augmentation | None:
    """The augmentations of these names one after the other; None for no name.

    Raises:
        ModelFailure: Shape, for what is no image.
    """
    if not names:
        return None
    if len(input_shape) != 3:
        raise ModelFailure("Shape", f"`augment` is for images: {', '.join(names)} can't be done to others")
    return in_turn([AUGMENTATIONS[name] for name in names])


def in_turn(steps: Sequence[Augmentation | None]) -> Augmentation | None:
    """Those of the steps that there are, one after the other; None if there is none."""
    there = [step for step in steps if step is not None]

    def augment(batch: torch.Tensor) -> torch.Tensor:
        for step in there:
            batch = step(batch)
        return batch

    return augment if there else None
