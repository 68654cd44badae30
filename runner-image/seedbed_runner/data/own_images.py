"""`images:NAME`: a folder of images of one's own, with a sub-folder a class."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seedbed_runner.data._fields import require_unset
from seedbed_runner.data._origin import of_files
from seedbed_runner.data.source import Source
from seedbed_runner.sources.images import find_images, read_images
from seedbed_runner.sources.places import folder_name
from seedbed_runner.sources.settings import SourceSettings


def load(dataset: Mapping[str, Any]) -> Source:
    """All images as bytes; with the folder's own test split, if it has one.

    Raises:
        BadInput: there is no such folder, or an image can't be read.
    """
    require_unset(dataset, "target", "features", "text", "tokens", "task", "revision")
    name, settings = folder_name(str(dataset["name"])), SourceSettings.from_environment()
    train, test = find_images(name, settings)
    files = train.files + (test.files if test else [])
    rows, side = read_images(files, dataset.get("size"))
    trained = np.arange(len(train.files))
    assert settings.data is not None
    return Source(
        title=f"Images {name}",
        kind="image",
        inputs=rows,
        labels=np.array(train.labels + (test.labels if test else []), dtype=np.int64),
        classes=len(train.classes),
        leakable=False,
        class_names=tuple(train.classes),
        parts={"train": trained, "test": np.arange(len(trained), len(files))} if test else None,
        notes=(f"each image is its largest centred square, scaled to {side} × {side}",),
        provenance=of_files(settings.data, files),
    )
