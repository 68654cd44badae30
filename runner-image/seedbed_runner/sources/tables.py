"""Tables of one's own, CSV or Parquet: `table:NAME`.

<data>/NAME.csv, .csv.gz, .tsv or .parquet           divided by the manifest's split
<data>/NAME/train.* and <data>/NAME/test.*           or with a test split of their own
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from seedbed_runner.errors import BadInput
from seedbed_runner.sources.places import not_found
from seedbed_runner.sources.settings import SourceSettings

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".parquet")


@dataclass(frozen=True)
class Files:
    """A table's files: all rows, or those to learn from and those to be sealed."""

    train: Path
    test: Path | None = None

    @property
    def all(self) -> list[Path]:
        """Both."""
        return [self.train, *([self.test] if self.test else [])]


def find_table(name: str, settings: SourceSettings) -> Files | None:
    """The files of the table called `name` in the data folder, if they are there.

    Raises:
        BadInput: there are several of that name.
    """
    if settings.data is None:
        return None
    if (whole := _one(settings.data, name)) is not None:
        return Files(whole)
    folder = settings.data / name
    train = _one(folder, "train")
    return None if train is None else Files(train, _one(folder, "test"))


def require_table(name: str, settings: SourceSettings) -> Files:
    """The same of a table that must be there.

    Raises:
        BadInput: it is not.
    """
    if (found := find_table(name, settings)) is None:
        wanted = f"{name}.csv or {name}.parquet (or a folder {name} with train.* and test.*)"
        raise BadInput(not_found(f"table:{name}", wanted, settings))
    return found


def _one(folder: Path, name: str) -> Path | None:
    found = [folder / f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").is_file()]
    if len(found) > 1:
        raise BadInput(f"{found[0]} and {found[1].name} are both there: which is meant? Leave one")
    return found[0] if found else None


def read_table(path: Path) -> Any:
    """A file as a DataFrame.

    Raises:
        BadInput: it is no such file, is damaged, empty, or names a column twice.
    """
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_text(path)
    except (ValueError, EOFError, OSError) as error:  # pandas' and pyarrow's own are ValueErrors
        if isinstance(error, OSError) and error.errno:
            raise
        form, said = "Parquet" if path.suffix == ".parquet" else "CSV", " ".join(str(error).split())[:200]
        raise BadInput(f"{path} can't be read as {form}: {said}") from error
    if frame.empty:
        raise BadInput(f"{path} has no rows")
    frame.columns = [str(column) for column in frame.columns]
    return frame.reset_index(drop=True)


def _read_text(path: Path) -> Any:
    return pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",", low_memory=False)
