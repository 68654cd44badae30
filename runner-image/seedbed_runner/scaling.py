"""Zero mean and unit deviation, as constants that are kept instead of scaled copies.

Pixels stay bytes on the disk, in memory and on the device; each batch is scaled there. A regression's values
stay in their own unit everywhere but in the loss. The constants are fitted on train and go to `task.json`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scaling:
    """(value − mean) / deviation; one constant a channel of images, one for a regression's values."""

    mean: list[float]
    deviation: list[float]


def pixel_scaling(images: NDArray[np.uint8]) -> Scaling:
    """Of uint8 images (rows × channels × height × width), by channel; exact, from counts of the values."""
    counts = [np.bincount(images[:, channel].ravel(), minlength=256) for channel in range(images.shape[1])]
    values = np.arange(256)
    means = [float(count @ values / count.sum()) for count in counts]
    spread = [
        float(np.sqrt(count @ (values - mean) ** 2 / count.sum()))
        for count, mean in zip(counts, means, strict=True)
    ]
    return Scaling(means, [deviation or 1.0 for deviation in spread])


def target_scaling(values: NDArray[np.float32]) -> Scaling:
    """Of a regression's values (rows)."""
    reals = values.astype(np.float64)
    return Scaling([float(reals.mean())], [float(reals.std()) or 1.0])
