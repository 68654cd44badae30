"""A folder of images of one's own, a sub-folder a class: `images:NAME`.

    <data>/NAME/<class>/*            all of them, divided by the manifest's split
    <data>/NAME/train/<class>/*      or with a test split of their own
    <data>/NAME/test/<class>/*

Every image becomes a square of one size: the largest centred square of it, scaled with Pillow's bilinear
filter. The size is the manifest's, or that of the images where all are squares of one size up to 256, or 64.
Grey images stay grey where all are; otherwise each becomes RGB, without its transparency.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from seedbed_runner.errors import BadInput
from seedbed_runner.models.torchvision_import import torchvision_datasets
from seedbed_runner.sources.places import not_found
from seedbed_runner.sources.settings import SourceSettings

LARGEST, USUAL = 256, 64  # pixels a side
MAX_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Folder:
    """Images of one folder, not opened yet: files and their labels, in the order of their names."""

    files: list[Path]
    labels: list[int]
    classes: list[str]


def find_images(name: str, settings: SourceSettings) -> tuple[Folder, Folder | None]:
    """The images called `name`, and those of their own test split.

    Raises:
        BadInput: there is no such folder, or it holds something else than classes of images.
    """
    root = settings.data / name if settings.data else None
    if root is None or not root.is_dir():
        raise BadInput(not_found(f"images:{name}", f"a folder {name} with a sub-folder a class", settings))
    if not (root / "train").is_dir():
        return _classes_of(root), None
    train = _classes_of(root / "train")
    test = _classes_of(root / "test") if (root / "test").is_dir() else None
    if test and test.classes != train.classes:
        odd = sorted(set(test.classes) ^ set(train.classes))
        raise BadInput(f"{root}: the class {odd[0]!r} is in one of train and test only")
    return train, test


def _classes_of(root: Path) -> Folder:
    try:
        listed = torchvision_datasets().ImageFolder(root)
    except FileNotFoundError as error:
        raise BadInput(f"{root}: {' '.join(str(error).split())}") from error
    if len(listed.classes) < 2:
        raise BadInput(f"{root} has the class {listed.classes[0]!r} only: put each class into its own folder")
    return Folder([Path(path) for path, _ in listed.samples], list(listed.targets), listed.classes)


def read_images(files: list[Path], size: int | None) -> tuple[NDArray[np.uint8], int]:
    """Files as rows × channels × size × size, and that size.

    Raises:
        BadInput: a file is no image or is damaged; or they would take more than 4 GiB.
    """
    shapes, grey = set(), True
    for path in files:
        with _opened(path) as image:
            shapes.add(image.size)
            grey = grey and image.mode in ("1", "L")
    side = size or _common_side(shapes)
    channels = 1 if grey else 3
    if (wanted := len(files) * channels * side * side) > MAX_BYTES:
        raise BadInput(
            f"{len(files)} images of {side} × {side} take {wanted / 2**30:.1f} GiB, at most "
            f"{MAX_BYTES // 2**30} are read: give a smaller `size` in spec.dataset"
        )
    rows = np.empty((len(files), channels, side, side), np.uint8)
    for row, path in zip(rows, files, strict=True):
        row[:] = _pixels(path, side, "L" if grey else "RGB")
    return rows, side


def _common_side(shapes: set[tuple[int, int]]) -> int:
    width, height = next(iter(shapes))
    return width if len(shapes) == 1 and width == height <= LARGEST else USUAL


def _pixels(path: Path, side: int, mode: str) -> NDArray[np.uint8]:
    """One image as channels × side × side."""
    with _opened(path) as image:
        try:
            upright = ImageOps.exif_transpose(image).convert(mode)
        except (OSError, ValueError, SyntaxError) as error:
            raise BadInput(f"{path} is damaged: {error}") from error
    square = ImageOps.fit(upright, (side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(square, dtype=np.uint8)
    return pixels[np.newaxis] if mode == "L" else pixels.transpose(2, 0, 1)


def _opened(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(path)
    except UnidentifiedImageError as error:
        raise BadInput(f"{path} is not an image that Pillow can read") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadInput(f"{path} has too many pixels to be read safely: {error}") from error
