"""Reads a repository's folder with the `datasets` library: no network, and no code but the library's.

`datasets` finds a configuration's files and splits by the folder's README and by their names, and reads
Parquet, CSV, JSON and folders of images.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seedbed_runner.errors import BadInput, Infrastructure

LISTING = "listing.json"  # the names of all files of the commit, in a folder of the cache


def lay_out(kept: Path, names: list[str], into: Path) -> None:
    """A folder that looks like the whole repository: links to the files that are kept, empty ones else.

    `datasets` looks at the names of other configurations' files too.
    """
    for name in names:
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        if (kept / name).is_file():
            (into / name).symlink_to((kept / name).resolve())
        else:
            (into / name).touch()


def builder(folder: Path, name: str, config: str | None, cache: Path) -> Any:
    """The library's `DatasetBuilder` of a configuration.

    Raises:
        BadInput: there is none of that name, or it must be named.
    """
    import datasets
    from huggingface_hub.utils.logging import set_verbosity_error

    datasets.disable_progress_bars()
    set_verbosity_error()  # type: ignore[no-untyped-call]  # a README without a description is no matter
    try:
        return datasets.load_dataset_builder(str(folder), name=config, cache_dir=str(cache))
    except ValueError as error:
        raise BadInput(f"{name}: {_which_config(error, folder, config)}") from error


def _which_config(error: ValueError, folder: Path, config: str | None) -> str:
    import datasets

    known = datasets.get_dataset_config_names(str(folder))
    if config is None and len(known) > 1:
        return f"it has the configurations {_some(known)}: name one, as hf:OWNER/NAME/CONFIG"
    if config is not None and config not in known:
        return f"it has no configuration {config!r}: there are {_some(known)}"
    return " ".join(str(error).split())[:300]


def _some(names: list[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


@contextmanager
def read(folder: Path, name: str, config: str | None) -> Iterator[Any]:
    """The library's `DatasetDict`, whose rows can be read until the end of the block.

    Raises:
        BadInput: the files can't be read, or are not those of the configuration that the README describes.
    """
    import datasets
    from datasets.exceptions import DatasetsError

    with TemporaryDirectory() as temporary:
        if (folder / LISTING).is_file():
            whole = Path(temporary).resolve() / "repository"
            lay_out(folder, json.loads((folder / LISTING).read_bytes()), whole)
        else:
            whole = folder
        made = builder(whole, name, config, Path(temporary) / "cache")
        try:
            made.download_and_prepare()
            opened = made.as_dataset()
        except (DatasetsError, datasets.exceptions.DatasetGenerationError, ValueError) as error:
            why = " ".join(str(error.__cause__ or error).split())[:300]
            raise BadInput(f"{name}: the files in {folder} can't be read: {why}") from error
        except OSError as error:
            raise Infrastructure("FilesFailed", f"{name}: {folder}: {error}") from error
        yield opened
