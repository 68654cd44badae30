"""The five image datasets of torchvision, as its classes describe them: their files, checksums and arrays.

Addresses and checksums are read from the classes when they are asked for, never copied here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.models.torchvision_import import torchvision_datasets

File = tuple[str, str | None]  # path below torchvision's root, md5


@dataclass(frozen=True)
class Listed:
    """A file that a place holds, or lacks: where torchvision wants it, where it is, and its published md5."""

    path: str
    there: Path
    md5: str | None


@dataclass(frozen=True)
class VisionSet:
    """One dataset.

    Attributes:
        name: in a manifest.
        title: for people.
        class_name: of torchvision's class.
        family: which of its three kinds of classes.
        hint: what a user may bring, in words: "put … into a folder".
    """

    name: str
    title: str
    class_name: str
    family: Literal["cifar", "mnist", "svhn"]
    hint: str

    @property
    def pickled(self) -> bool:
        """Whether its files are pickles."""
        return self.family == "cifar"

    @property
    def published(self) -> Any:
        """Torchvision's class."""
        return getattr(torchvision_datasets(), self.class_name)

    def url(self) -> str:
        """Where it is published; of several files, the address they have in common."""
        made = self.published
        if self.family == "cifar":
            return str(made.url)
        if self.family == "mnist":
            return str(made.mirrors[0])
        return str(made.split_list["train"][0]).rpartition("/")[0]

    def archives(self) -> list[File]:
        """The files that are downloaded."""
        made = self.published
        if self.family == "cifar":
            return [(made.filename, made.tgz_md5)]
        if self.family == "mnist":
            return [(f"{self.class_name}/raw/{name}", md5) for name, md5 in made.resources]
        return [(made.split_list[split][1], made.split_list[split][2]) for split in ("train", "test")]

    def unpacked(self) -> list[File]:
        """What torchvision makes of them and reads; those of MNIST have no checksum of their own."""
        made = self.published
        if self.family == "cifar":
            listed = [*made.train_list, *made.test_list, (made.meta["filename"], made.meta["md5"])]
            return [(f"{made.base_folder}/{name}", md5) for name, md5 in listed]
        if self.family == "mnist":
            return [(path.removesuffix(".gz"), None) for path, _ in self.archives()]
        return self.archives()

    def revision(self) -> str:
        """What pins the published files: a hash of their checksums."""
        return content_hash([list(each) for each in self.archives()])

    def found_in(self, place: Path) -> list[Listed]:
        """Its files in a folder, the lacking ones included; empty if it has none of them.

        Archives come first, since each has a checksum. A file lies as torchvision would have it or, in the
        dataset's own folder, by its bare name.
        """
        for files in (self.archives(), self.unpacked()):
            listed = [_listed(place, path, md5, place.name == self.name) for path, md5 in files]
            if any(each.there.is_file() for each in listed):
                return listed
        return []

    def open(self, root: Path, train: bool, download: bool, verified: bool = True) -> Any:
        """Torchvision's dataset over a folder that holds its files, or is to; unpacks what is packed."""
        made = self.published if verified else self._without_checksums()
        if self.family == "svhn":
            return made(root, split="train" if train else "test", download=download)
        return made(root, train=train, download=download)

    def _without_checksums(self) -> Any:
        """The class for files other than the published ones."""
        made = self.published
        changed: dict[str, Any] = {}
        if self.family == "cifar":
            changed = {
                name: [[file, None] for file, _ in getattr(made, name)]
                for name in ("train_list", "test_list")
            }
            changed["meta"] = made.meta | {"md5": None}
        elif self.family == "mnist":
            changed = {"resources": [(file, None) for file, _ in made.resources]}
        else:
            changed = {"split_list": {split: [*each[:2], None] for split, each in made.split_list.items()}}
        return type(made.__name__, (made,), changed)  # MNIST's folder is called as its class is

    def arrays(self, opened: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]:
        """Rows × channels × height × width, labels, and the classes' names."""
        labels = np.asarray(opened.labels if self.family == "svhn" else opened.targets, dtype=np.int64)
        pixels = np.asarray(opened.data)
        if self.family == "cifar":
            pixels = pixels.transpose(0, 3, 1, 2)  # torchvision has rows × height × width × channels
        elif self.family == "mnist":
            pixels = pixels[:, np.newaxis]
        classes = [str(digit) for digit in range(10)] if self.family == "svhn" else opened.classes
        return np.ascontiguousarray(pixels, dtype=np.uint8), labels, tuple(classes)


def _listed(place: Path, path: str, md5: str | None, own: bool) -> Listed:
    ways = [place / path, place / Path(path).name] if own else [place / path]
    return Listed(path, next((way for way in ways if way.is_file()), ways[0]), md5)


SETS: dict[str, VisionSet] = {
    each.name: each
    for each in (
        VisionSet("cifar10", "CIFAR-10", "CIFAR10", "cifar", "put cifar-10-python.tar.gz into a folder"),
        VisionSet("cifar100", "CIFAR-100", "CIFAR100", "cifar", "put cifar-100-python.tar.gz into a folder"),
        VisionSet("mnist", "MNIST", "MNIST", "mnist", "put its four .gz files into a folder mnist below one"),
        VisionSet(
            "fashion_mnist", "Fashion-MNIST", "FashionMNIST", "mnist",
            "put its four .gz files into a folder fashion_mnist below one",
        ),
        VisionSet(
            "svhn", "SVHN, cropped digits", "SVHN", "svhn",
            "put train_32x32.mat and test_32x32.mat into a folder",
        ),
    )
}  # fmt: skip
