"""What the hub's libraries raise, in one sentence each that says where was looked and what to do."""

from seedbed_runner.errors import BadInput, Infrastructure, RunnerError
from seedbed_runner.sources.places import looked_in, unreachable
from seedbed_runner.sources.settings import SourceSettings


def told(error: Exception, name: str, address: str, settings: SourceSettings, hint: str) -> RunnerError:
    """The error of ours for one of theirs.

    Args:
        error: as it was raised.
        name: of the dataset in a manifest.
        address: of the repository.
        settings: where was looked before.
        hint: what to bring, in words.
    """
    from datasets.exceptions import DataFilesNotFoundError
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    said = _first_line(error)
    if isinstance(error, GatedRepoError):
        return BadInput(
            f"{name}: the owner of {address} gives it to those who ask: accept the terms there, and set "
            "HF_TOKEN to a token of yours"
        )
    if isinstance(error, RevisionNotFoundError):
        return BadInput(f"{name}: {address} has no such revision: name a commit, branch or tag of it")
    if isinstance(error, RepositoryNotFoundError):
        return BadInput(
            f"{name}: there is no public dataset at {address} ({looked_in(settings)}): correct the name, "
            "or, if it is private, set HF_TOKEN to a token that may read it"
        )
    if isinstance(error, DataFilesNotFoundError) or "scripts are no longer supported" in said:
        return BadInput(
            f"{name}: {address} has no files of data that can be read (Parquet, CSV, JSON, images), and a "
            "loading script is never run: take a copy of it that has such files"
        )
    return Infrastructure("DownloadFailed", unreachable(name, address, said, settings, hint))


def _first_line(error: Exception) -> str:
    lines = str(error).split("\n")
    return (" ".join(lines[0].split()) or type(error).__name__)[:200]
