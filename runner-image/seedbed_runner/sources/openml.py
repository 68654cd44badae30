"""Tables of OpenML, by scikit-learn's `fetch_openml`: by a data id, which stands for one version for ever.

scikit-learn compares each file with the md5 in OpenML's own description; where it is known here too, the
description must say the same. The rows are counted. The parser is the one that knows all of ARFF, quotes
and declared categories included; it takes 16 s for a table of 280,000 rows.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from sklearn.datasets import fetch_openml
from sklearn.externals._arff import ArffException

from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.sources.cache import Origin, cached, entry_name, kept
from seedbed_runner.sources.places import missing, said_by, unreachable
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.web import TROUBLES, reaching

ADDRESS = "https://www.openml.org"
HINT = "copy its folder from such a machine's cache into one"


@dataclass(frozen=True)
class OpenMLSet:
    """One table.

    Attributes:
        name: in a manifest.
        data_id: at OpenML.
        title: for people.
        target: the column that is predicted; None: OpenML's default.
        rows: how many there are; None: not known here.
        md5: of the ARFF file; None: only OpenML's description says it.
        left_out: columns that are not learnt from, and why.
        why: the reason, in words.
        metric: by which it is judged where nothing else is asked for.
    """

    name: str
    data_id: int
    title: str
    target: str | None = None
    rows: int | None = None
    md5: str | None = None
    left_out: tuple[str, ...] = ()
    why: str = ""
    metric: str | None = None


SETS: dict[str, OpenMLSet] = {
    each.name: each
    for each in (
        OpenMLSet(
            "titanic", 40945, "Titanic passengers", "survived", 1309, "60ac7205eee0ba5045c90b3bba95b1c4",
            ("name", "ticket", "cabin", "boat", "body", "home.dest"),
            "lifeboat and body tell who survived, the others are a name of the passenger's or place's own",
        ),
        OpenMLSet("adult", 1590, "Adult census income", "class", 48842),
        OpenMLSet("creditcard", 1597, "Credit card fraud", "Class", 284807, metric="pr_auc"),
    )
}  # fmt: skip


def by_id(data_id: int) -> OpenMLSet:
    """Any other table of OpenML."""
    return OpenMLSet(f"openml:{data_id}", data_id, f"OpenML {data_id}")


def load_openml(wanted: OpenMLSet, settings: SourceSettings) -> tuple[Any, Origin, str]:
    """The table as a DataFrame with its target, where it came from, and the name of the target column.

    Raises:
        BadInput: it is not here and may not be downloaded; or it is another table than was meant.
        Infrastructure: the download failed.
    """
    folder, origin = fetch_table(wanted, settings)
    with reaching(settings, allowed=False):
        bunch = _bunch(wanted, folder)
    if bunch.frame is None or len(bunch.target_names) != 1:
        count = len(bunch.target_names)
        raise BadInput(f"{wanted.name} has {count} target columns at OpenML: name one as `target`")
    return bunch.frame, origin, str(bunch.target_names[0])


def fetch_table(wanted: OpenMLSet, settings: SourceSettings) -> tuple[Path, Origin]:
    """The folder of the cache that holds the table, downloaded unless it is there."""
    entry = entry_name(wanted.name, {"openml": wanted.data_id})
    if settings.offline and kept(settings, entry) is None:
        raise BadInput(missing(wanted.name, settings, HINT))
    return cached(settings, entry, lambda part: _download(wanted, part, settings))


def _download(wanted: OpenMLSet, part: Path, settings: SourceSettings) -> Origin:
    address = settings.address(ADDRESS)
    try:
        with reaching(settings):
            bunch = _bunch(wanted, part)
    except (*TROUBLES, ArffException, ValueError, KeyError) as error:
        if isinstance(error, HTTPError):
            error.close()
        told = unreachable(wanted.name, address, said_by(error), settings, HINT)
        raise Infrastructure("DownloadFailed", told) from error
    md5 = str(bunch.details["md5_checksum"])
    if wanted.md5 not in (None, md5):
        raise BadInput(f"{address} has another {wanted.name} (md5 {md5}) than is meant (md5 {wanted.md5})")
    if wanted.rows not in (None, len(bunch.frame)):
        raise BadInput(f"{address} gave {len(bunch.frame)} rows of {wanted.name}, which has {wanted.rows}")
    revision = f"data id {wanted.data_id}, version {bunch.details['version']}, md5 {md5}"
    return Origin(f"{address}/d/{wanted.data_id}", revision, verified=True)


def _bunch(wanted: OpenMLSet, home: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it tries again, and OpenML's remarks on a table
        return fetch_openml(
            data_id=wanted.data_id, data_home=home, as_frame=True, parser="liac-arff",
            target_column=wanted.target or "default-target",
        )  # fmt: skip
