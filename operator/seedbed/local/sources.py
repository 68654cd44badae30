"""The environment of the process that prepares a dataset: it alone may reach the data and the hubs.

Runs have none of this: `warm.runner_environment` is all that they inherit.
"""

import os
from collections.abc import Mapping

from seedbed.local.settings import Settings
from seedbed.local.warm import runner_environment
from seedbed_runner.contract.origins import ALLOW_UNVERIFIED, CACHE, DATA, FOR_PREPARE, OFFLINE


def preparing_environment(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What such a process gets: where data are looked for, mirrors, proxies, and a hub's own variables.

    Offline, Hugging Face's libraries are told so in their own words, too.
    """
    given = {name: environment[name] for name in FOR_PREPARE if name in environment}
    return {**runner_environment(), **given, **source_environment(settings)}


def source_environment(settings: Settings) -> dict[str, str]:
    """The settings of where data come from, as the runner reads them."""
    places = {DATA: settings.data, CACHE: settings.cache}
    given = {name: str(place.absolute()) for name, place in places.items() if place is not None}
    given |= {
        OFFLINE: str(settings.offline).lower(),
        ALLOW_UNVERIFIED: str(settings.allow_unverified).lower(),
    }
    if settings.offline:
        given["HF_HUB_OFFLINE"] = "1"
    return given
