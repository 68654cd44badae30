"""Data of a namespace's own in the store: brought to a folder before a dataset is prepared.

    <store prefix>/<namespace>/data/NAME.csv, NAME/…      as they would lie in a laptop's data folder

What has other names is left where it is. The folder is the data folder of this one preparation, and what is
downloaded besides is kept for no longer than that.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from seedbed_runner.contract.origins import CACHE, DATA, DATA_SHOWN
from seedbed_runner.objects import Bucket
from seedbed_runner.sources.hub import entry_prefix
from seedbed_runner.sources.places import folder_name


def names_of(dataset: Mapping[str, Any]) -> re.Pattern[str]:
    """How the paths below `data/` begin that belong to a dataset: folders, files, copied cache entries."""
    from seedbed_runner.data.hub import is_of_hub, repository_of

    name = str(dataset["name"])
    names = {folder_name(name), re.sub("[:/]", "-", name)}
    if is_of_hub(name):
        repository = repository_of(dataset)
        names = {repository.repo, re.sub("[:/]", "-", entry_prefix(repository))}
    plain = "|".join(map(re.escape, sorted(names)))
    tokenizer = (dataset.get("tokens") or {}).get("tokenizer")
    more = rf"|{re.escape(tokenizer)}$" if tokenizer else ""
    return re.compile(rf"({plain})(/|\.(csv|csv\.gz|tsv|parquet)$|-[0-9a-f]{{12}}/){more}")


def bring(bucket: Bucket, namespace: str, dataset: Mapping[str, Any], into: Path) -> int:
    """Download a dataset's files from the store; how many there were.

    Raises:
        Infrastructure: the store failed.
    """
    root, wanted, brought = f"{namespace}/data/", names_of(dataset), 0
    for key in bucket.keys(root):
        path = PurePosixPath(key.removeprefix(root))
        if not wanted.match(str(path)) or key.endswith("/") or ".." in path.parts:
            continue
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        bucket.download(key, into / path)
        brought += 1
    return brought


@contextmanager
def stored_data(bucket: Bucket, namespace: str, dataset: Mapping[str, Any]) -> Iterator[None]:
    """Have this process look for data in what the store holds of them; its downloads are for now only."""
    before = dict(os.environ)
    with TemporaryDirectory() as data, TemporaryDirectory() as cache:
        bring(bucket, namespace, dataset, Path(data))
        os.environ[DATA] = data
        os.environ[DATA_SHOWN] = bucket.where(f"{namespace}/data/")
        os.environ.setdefault(CACHE, cache)
        os.environ.setdefault("HF_HOME", cache)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
