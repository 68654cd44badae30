"""What the environment says of where data come from.

SEEDBED_DATA               a folder with data of one's own: archives, folders of images, tables
SEEDBED_CACHE              where downloads are kept; default `~/.cache/seedbed/data`
SEEDBED_OFFLINE            true: nothing is downloaded
SEEDBED_ALLOW_UNVERIFIED   true: files in SEEDBED_DATA may differ from those that were published
SEEDBED_OPENML_URL, SEEDBED_CIFAR_URL, SEEDBED_MNIST_URL, SEEDBED_FASHION_MNIST_URL, SEEDBED_SVHN_URL
                           mirrors: what stands there replaces the beginning of the published addresses
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from seedbed_runner.contract.origins import DATA_SHOWN, MIRRORED, default_cache
from seedbed_runner.errors import BadInput

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class SourceSettings:
    """Where to look for data.

    Attributes:
        data: the user's own folder, if there is one.
        cache: where downloads are kept.
        offline: whether nothing may be downloaded.
        allow_unverified: whether the user's own files may differ from the published ones.
        mirrors: by the beginning of a published address, without its scheme: what replaces it.
        store: the place in a store that `data` is a copy of; empty: it is none.
    """

    data: Path | None
    cache: Path
    offline: bool = False
    allow_unverified: bool = False
    mirrors: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "SourceSettings":
        """The settings of this process.

        Raises:
            BadInput: SEEDBED_DATA is no folder, a switch is neither true nor false, or a mirror no address.
        """
        return cls(
            data=_folder(environment.get("SEEDBED_DATA")),
            cache=_cache(environment),
            offline=_switch(environment, "SEEDBED_OFFLINE"),
            allow_unverified=_switch(environment, "SEEDBED_ALLOW_UNVERIFIED"),
            mirrors=_mirrors(environment),
            store=environment.get(DATA_SHOWN, ""),
        )

    def address(self, url: str) -> str:
        """Where a published address is really looked for."""
        bare = url.partition("://")[2]
        for start, mirror in self.mirrors.items():
            if bare == start or bare.startswith(start + "/"):
                return mirror + bare[len(start) :]
        return url


def _folder(given: str | None) -> Path | None:
    if not given:
        return None
    folder = Path(given).expanduser().absolute()
    if not folder.is_dir():
        raise BadInput(f"SEEDBED_DATA is {given} but there is no such folder")
    return folder


def _cache(environment: Mapping[str, str]) -> Path:
    if given := environment.get("SEEDBED_CACHE"):
        return Path(given).expanduser().absolute()
    return default_cache(environment)


def _switch(environment: Mapping[str, str], name: str) -> bool:
    given = environment.get(name, "").strip().lower()
    if given not in _YES + _NO:
        raise BadInput(f"{name} is {environment[name]!r} but must be true or false")
    return given in _YES


def _mirrors(environment: Mapping[str, str]) -> dict[str, str]:
    mirrors: dict[str, str] = {}
    for name, starts in MIRRORED.items():
        if not (given := environment.get(name, "").strip().rstrip("/")):
            continue
        if urlsplit(given).scheme not in ("http", "https"):
            raise BadInput(f"{name} is {given!r} but must be an address that begins with http:// or https://")
        mirrors |= dict.fromkeys(starts, given)
    return mirrors
