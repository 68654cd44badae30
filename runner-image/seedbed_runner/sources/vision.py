"""CIFAR-10 and -100, MNIST, Fashion-MNIST and SVHN, by torchvision's own classes and download code.

They read what was published and nothing else: each file has an md5 in torchvision, which is checked before
it is opened. A user's own folder may hold the archives or, as torchvision leaves them, the files in them.
Files of his own in the same format are read only when that is allowed, and the card says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.prepared import file_hash
from seedbed_runner.sources.cache import Origin, cached, entry_name, kept
from seedbed_runner.sources.pickles import require_plain
from seedbed_runner.sources.places import allowed_by, missing, places, said_by, unreachable
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.torchvision_sets import SETS, Listed, VisionSet
from seedbed_runner.sources.web import TROUBLES, reaching

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Images:
    """Images as they were published, not yet divided further.

    Attributes:
        train: rows × channels × height × width.
        train_labels: rows, each in 0 … classes − 1.
        test: the official test split, likewise.
        test_labels: of `test`.
        classes: names, in the order of the labels.
        origin: where they came from.
    """

    train: Pixels
    train_labels: Labels
    test: Pixels
    test_labels: Labels
    classes: tuple[str, ...]
    origin: Origin


def load_vision(name: str, settings: SourceSettings) -> Images:
    """The images called `name`, one of `SETS`.

    Raises:
        BadInput: they are not here and may not be downloaded, or what is here is something else.
        Infrastructure: a download failed.
    """
    wanted = SETS[name]
    for place in places(name, settings.data):
        with _mounted(wanted, place, settings) as found:
            if found is not None:
                root, origin = found
                return _read(wanted, root, origin, verified=origin.verified)
    root, origin = fetch_vision(name, settings)
    return _read(wanted, root, origin, verified=True)


def fetch_vision(name: str, settings: SourceSettings) -> tuple[Path, Origin]:
    """The folder of the cache that holds the files of `name`, downloaded unless they are there."""
    wanted = SETS[name]
    entry = entry_name(name, [list(each) for each in wanted.archives()])
    if settings.offline and kept(settings, entry) is None:
        raise BadInput(missing(name, settings, wanted.hint))
    return cached(settings, entry, lambda part: _download(wanted, part, settings))


def _download(wanted: VisionSet, part: Path, settings: SourceSettings) -> Origin:
    address = settings.address(wanted.url())
    try:
        with reaching(settings):
            for train in (True, False):
                wanted.open(part, train=train, download=True)
    except (*TROUBLES, RuntimeError) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise Infrastructure(
            "DownloadFailed", unreachable(wanted.name, address, said_by(error), settings, wanted.hint)
        ) from error
    return Origin(address, wanted.revision(), verified=True)


@contextmanager
def _mounted(
    wanted: VisionSet, place: Path, settings: SourceSettings
) -> Iterator[tuple[Path, Origin] | None]:
    """A folder laid out for torchvision, with links to what a place of the user's has of these files."""
    listed = wanted.found_in(place)
    if not listed:
        yield None
        return
    verified = _check(wanted, listed, place, settings)
    with TemporaryDirectory() as folder:
        for each in listed:
            (Path(folder) / each.path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / each.path).symlink_to(each.there)
        files = {str(each.there.relative_to(place)): file_hash(each.there) for each in listed}
        remarks = () if verified else (f"the files are not those that {wanted.title} was published as",)
        yield (
            Path(folder),
            Origin(str(place), wanted.revision() if verified else "", verified, files, remarks=remarks),
        )


def _check(wanted: VisionSet, listed: list[Listed], place: Path, settings: SourceSettings) -> bool:
    """Whether the files are the published ones; if not, that must be allowed."""
    from torchvision.datasets.utils import check_integrity

    if gone := [each.path for each in listed if not each.there.exists()]:
        raise BadInput(f"{place} holds a part of {wanted.name} only: {gone[0]} is missing there")
    wrong = [each for each in listed if each.md5 is None or not check_integrity(each.there, each.md5)]
    if not wrong:
        return True
    if not settings.allow_unverified:
        raise BadInput(_unverified(wanted, wrong[0], settings))
    for each in listed:
        if each.there.name.endswith(".tar.gz"):
            raise BadInput(f"{each.there} was not published so, and is not unpacked here: unpack it yourself")
        if wanted.pickled:
            require_plain(each.there)
    return False


def _unverified(wanted: VisionSet, wrong: Listed, settings: SourceSettings) -> str:
    why = "is not the published file of" if wrong.md5 else "has no checksum that tells it from"
    return (
        f"{wrong.there} {why} {wanted.title}: bring the published archives, or, if these are your own data "
        f"in that format, {allowed_by(settings)}"
    )


def _read(wanted: VisionSet, root: Path, origin: Origin, verified: bool) -> Images:
    """Both splits as arrays."""
    try:
        parts = [
            wanted.arrays(wanted.open(root, train, download=True, verified=verified))
            for train in (True, False)
        ]
    except (RuntimeError, ValueError, KeyError, TypeError, EOFError, OSError) as error:
        if verified:
            raise
        raise BadInput(f"{origin.source}: not in the format of {wanted.title}: {error}") from error
    (train, train_labels, classes), (test, test_labels, _) = parts
    for labels in (train_labels, test_labels):
        if not 0 <= labels.min() <= labels.max() < len(classes):
            seen = f"labels from {labels.min()} to {labels.max()}"
            raise BadInput(f"{origin.source}: {seen}, but {wanted.title} has {len(classes)} classes")
    return Images(train, train_labels, test, test_labels, classes, origin)
