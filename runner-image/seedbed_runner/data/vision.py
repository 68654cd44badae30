"""CIFAR-10, CIFAR-100, MNIST, Fashion-MNIST and SVHN, with the official test split sealed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seedbed_runner.data._fields import require_unset
from seedbed_runner.data._origin import provenance
from seedbed_runner.data.source import Source
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.torchvision_sets import SETS
from seedbed_runner.sources.vision import load_vision


def load(dataset: Mapping[str, Any]) -> Source:
    """Train and test rows, as bytes.

    Raises:
        BadInput: they are not here and may not be downloaded, or what is here is something else.
        Infrastructure: a download failed.
    """
    name = str(dataset["name"])
    require_unset(dataset, "target", "features", "text", "tokens", "task", "revision", "size")
    images = load_vision(name, SourceSettings.from_environment())
    trained = len(images.train)
    return Source(
        title=SETS[name].title,
        kind="image",
        inputs=np.concatenate([images.train, images.test]),
        labels=np.concatenate([images.train_labels, images.test_labels]),
        classes=len(images.classes),
        leakable=True,
        class_names=images.classes,
        parts={"train": np.arange(trained), "test": np.arange(trained, trained + len(images.test))},
        notes=images.origin.remarks,
        provenance=provenance(images.origin),
    )
