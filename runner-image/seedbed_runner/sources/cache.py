"""What was downloaded once: a folder for each set of files, named by what is in it, with a list of checksums.

    <cache>/<name>-<hash>/origin.json     where the files came from, and sha256 of each
    <cache>/<name>-<hash>/...             the files, as the library that fetched them lays them out

A folder is filled beside and renamed when it is whole, under a lock that dies with its holder: of two
processes at once the second waits and finds the work done. What an interrupted one had checked by then stays
beside for the next, whose library goes on from there as far as it can.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.errors import Infrastructure
from seedbed_runner.prepared import file_hash
from seedbed_runner.sources.settings import SourceSettings

ORIGIN = "origin.json"


@dataclass(frozen=True)
class Origin:
    """Where data came from, as the card of a prepared dataset records it.

    Attributes:
        source: an address or a folder.
        revision: what pins them there: a version, a commit, a checksum.
        verified: they are the bytes that were published, by a checksum that came from elsewhere.
        files: sha256 of each file that was read, by its path.
        fetched: when they were downloaded, in UTC; empty: they were here.
        remarks: sentences on what was left out or taken otherwise.
    """

    source: str
    revision: str = ""
    verified: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    fetched: str = ""
    remarks: tuple[str, ...] = ()


def entry_name(name: str, pins: object) -> str:
    """The folder's name for data that `pins` (a JSON value: checksums, a version) makes what they are."""
    return f"{name.replace(':', '-').replace('/', '-')}-{content_hash(pins)[7:19]}"


def kept(settings: SourceSettings, entry: str) -> Path | None:
    """The folder of an entry that is there: in the user's own folder (copied there) or in the cache."""
    roots = [root for root in (settings.data, settings.cache) if root]
    return next((root / entry for root in roots if (root / entry).exists()), None)


def cached(settings: SourceSettings, entry: str, fill: Callable[[Path], Origin]) -> tuple[Path, Origin]:
    """The folder of an entry, filled by `fill` unless it is there.

    Args:
        settings: where to look.
        entry: as `entry_name` makes it.
        fill: brings the files into a folder that may hold what an earlier try left, or raises.

    Raises:
        Infrastructure: CacheDamaged, if a file is not what was downloaded.
        OSError: the disk is full, or the cache can't be written.
    """
    if (folder := kept(settings, entry)) is None:
        cache, folder = settings.cache, settings.cache / entry
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f".{entry}.lock"):
            if not folder.exists():
                _fill(folder, cache / f".{entry}.part", fill)
    return folder, checked(folder)


def checked(folder: Path) -> Origin:
    """The origin of an entry that is there, every file of which is compared with its checksum.

    Raises:
        Infrastructure: CacheDamaged.
    """
    try:
        written = json.loads((folder / ORIGIN).read_bytes())
        origin = Origin(**written | {"remarks": tuple(written["remarks"])})
        wrong = [name for name, listed in origin.files.items() if file_hash(folder / name) != listed]
    except (ValueError, KeyError, TypeError):
        wrong = [ORIGIN]
    except FileNotFoundError as error:
        wrong = [str(error.filename)]
    if wrong:
        raise Infrastructure(
            "CacheDamaged",
            f"{folder}: {wrong[0]} is not what was downloaded: remove that folder, and try again",
        )
    return origin


def _fill(folder: Path, part: Path, fill: Callable[[Path], Origin]) -> None:
    part.mkdir(exist_ok=True)
    (part / ORIGIN).unlink(missing_ok=True)
    origin = fill(part)
    files = {
        str(path.relative_to(part)): file_hash(path) for path in sorted(part.rglob("*")) if path.is_file()
    }
    fetched = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    whole = asdict(origin) | {"files": files, "fetched": fetched}
    with (part / ORIGIN).open("x") as file:
        json.dump(whole, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
