"""Hugging Face's hub: the files of a dataset's repository, pinned to a commit, checked and kept.

`huggingface_hub` asks for the commit and the list of its files and downloads those that a configuration needs
(`datasets` says which, by its own rules, on empty files of the same names); each is compared with the hash
that the hub lists. `hub_reading` then reads the folder, as it would a clone that a user brings. Only files of
data are read: nothing of a repository is ever run.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.sources.cache import Origin, cached, checked, entry_name, kept
from seedbed_runner.sources.hub_files import Listed, require_same
from seedbed_runner.sources.hub_troubles import told
from seedbed_runner.sources.places import missing
from seedbed_runner.sources.settings import SourceSettings

MAX_BYTES = 20 * 2**30
MAX_FILES = 20_000
HINT = "download the repository (`hf download --repo-type dataset`) into a folder OWNER/NAME below one"
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Repository:
    """What of the hub is wanted.

    Attributes:
        name: in a manifest, for people.
        repo: `owner/name`.
        config: the configuration; None: the only one.
        revision: a commit, branch or tag; None: the newest commit.
    """

    name: str
    repo: str
    config: str | None = None
    revision: str | None = None


def endpoint() -> str:
    """The hub's address, or its mirror's (HF_ENDPOINT)."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def address(wanted: Repository) -> str:
    """Where the repository is for people."""
    return f"{endpoint()}/datasets/{wanted.repo}"


def fetch_hub(wanted: Repository, settings: SourceSettings) -> tuple[Path, Origin]:
    """The folder that holds the repository's files, and where they came from.

    A clone in the user's data folder comes first, then the cache where that says all, then the hub.

    Raises:
        BadInput: there is no such repository, revision or configuration, or no right to it.
        Infrastructure: the hub can't be reached, or sent something else than it lists.
    """
    own = settings.data and settings.data / wanted.repo
    if own and own.is_dir():
        return own, Origin(str(own), remarks=("the files are a user's own copy",))
    if found := _kept(wanted, settings):
        return found, checked(found)
    if settings.offline or _hub_is_offline():
        raise BadInput(missing(wanted.name, settings, HINT))
    try:
        return _fetch(wanted, settings)
    except _errors() as error:
        raise told(error, wanted.name, address(wanted), settings, HINT) from error


def _hub_is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def _errors() -> tuple[type[Exception], ...]:
    """What the two libraries raise for what is not as it should be, besides errors of ours."""
    import httpx2
    from datasets.exceptions import DatasetsError

    return (httpx2.HTTPError, OSError, ValueError, RuntimeError, DatasetsError)


def entry_prefix(wanted: Repository) -> str:
    """How the names of its folders in a cache begin; a dash and the hash of the commit follow."""
    return "-".join(["hf", wanted.repo.replace("/", "-"), wanted.config or "default"])


def _kept(wanted: Repository, settings: SourceSettings) -> Path | None:
    """The folder of the commit; offline, of no particular one, the one that was fetched last."""
    if wanted.revision and _COMMIT.fullmatch(wanted.revision):
        return kept(settings, _entry(wanted, wanted.revision))
    if not (settings.offline or _hub_is_offline()):
        return None
    found = []
    roots = [root for root in (settings.data, settings.cache) if root]
    for path in (path for root in roots for path in root.glob(f"{entry_prefix(wanted)}-*/origin.json")):
        origin = checked(path.parent)
        asked = wanted.revision in (None, _asked(origin))
        if asked and path.parent.name == _entry(wanted, origin.revision):
            found.append((origin.fetched, path.parent))
    return max(found)[1] if found else None


def _asked(origin: Origin) -> str:
    """The revision that was asked for when it was fetched."""
    return origin.source.partition("@")[2]


def _entry(wanted: Repository, commit: str) -> str:
    return entry_name(entry_prefix(wanted), [wanted.repo, wanted.config, commit])


def _fetch(wanted: Repository, settings: SourceSettings) -> tuple[Path, Origin]:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint(), library_name="seedbed")
    info = api.dataset_info(wanted.repo, revision=wanted.revision, files_metadata=True)
    assert info.sha is not None
    listed = {file.rfilename: Listed.of(file) for file in info.siblings or []}
    return cached(
        settings,
        _entry(wanted, info.sha),
        lambda part: _download(api, wanted, str(info.sha), listed, part),
    )


def _download(api: Any, wanted: Repository, commit: str, listed: dict[str, Listed], part: Path) -> Origin:
    names = ["README.md"] if "README.md" in listed else []
    for name in names:
        _bring(api, wanted, commit, listed[name], part)
    names += _needed(wanted, listed, part)
    size = sum(listed[name].size for name in names)
    if size > MAX_BYTES:
        raise BadInput(
            f"{wanted.name} would be a download of {size / 2**30:.0f} GiB, at most {MAX_BYTES // 2**30} are "
            "read: name a smaller configuration, as hf:OWNER/NAME/CONFIG"
        )
    for name in names[1 if "README.md" in listed else 0 :]:
        _bring(api, wanted, commit, listed[name], part)
    rmtree(part / ".cache", ignore_errors=True)  # what huggingface_hub needed to go on after an interruption
    asked = f"@{wanted.revision}" if wanted.revision else ""
    return Origin(address(wanted) + asked, revision=commit, verified=True)


def _bring(api: Any, wanted: Repository, commit: str, file: Listed, part: Path) -> None:
    if not file.is_here(part):
        api.hf_hub_download(wanted.repo, file.name, repo_type="dataset", revision=commit, local_dir=part)
    require_same(file, part, wanted.name, address(wanted))


def _needed(wanted: Repository, listed: dict[str, Listed], part: Path) -> list[str]:
    """The files of the configuration, as `datasets` finds them among the repository's names."""
    from seedbed_runner.sources.hub_reading import LISTING, builder, lay_out

    if len(listed) > MAX_FILES:
        raise BadInput(
            f"{wanted.name} has {len(listed)} files, at most {MAX_FILES} are read: bring them as a table or "
            "an archive"
        )
    for name in listed:
        _require_inside(part, name)
    (part / LISTING).write_text(json.dumps(sorted(listed)))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve() / "repository"
        lay_out(part, sorted(listed), folder)
        files = builder(folder, wanted.name, wanted.config, Path(temporary) / "cache").config.data_files
        return sorted({str(Path(path).relative_to(folder)) for paths in files.values() for path in paths})


def _require_inside(folder: Path, name: str) -> None:
    path = (folder / name).resolve()
    if path == folder.resolve() or not path.is_relative_to(folder.resolve()):
        raise Infrastructure("DownloadDamaged", f"the hub lists a file {name!r}, which is no name: try again")
