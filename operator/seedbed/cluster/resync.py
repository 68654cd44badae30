"""Everything in a namespace is looked at again from time to time: an event that was missed is no loss.

Also when a Lease is gained, and when a dataset's preparation went on, which may concern several goals.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from seedbed.api import GROUP, VERSION
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.store import PLURALS
from seedbed.cluster.watches import OVER, Key
from seedbed.errors import ClusterFailed, NotFound

EVERYWHERE = ""  # all namespaces, where one is named
KINDS = {kind.__name__: plural for kind, plural in PLURALS.items()}

log = logging.getLogger(__name__)


class Resync:
    """Adds a key for everything in a namespace that is not over.

    Args:
        rest: the API server.
        may_work: whether a namespace is this operator's; when it becomes so, it is to be read again.
        add: takes a key to look at.
        period: seconds until a namespace is read again.
        listed: hears the names of all that there are of a kind in a namespace.
    """

    def __init__(
        self, rest: Rest, may_work: Callable[[str], bool], add: Callable[[Key], None], period: float,
        listed: Callable[[str, str, list[str]], None] = lambda kind, namespace, names: None,
    ) -> None:  # fmt: skip
        self._rest, self._may_work, self._add, self._period = rest, may_work, add, period
        self._listed = listed
        self._read: set[str] = set()

    async def __call__(self, namespace: str) -> float | None:
        """Read a namespace again; in how many seconds to do so once more.

        Raises:
            ClusterFailed: it can't be read.
        """
        if not self._may_work(namespace):
            return None
        first = namespace not in self._read  # then also what was over: its Jobs may be left to be tidied up
        for kind, plural in KINDS.items():
            documents = await self._rest.list_all(list_path(namespace, plural))
            self._listed(kind, namespace, [document["metadata"]["name"] for document in documents])
            for document in documents:
                if first or not _is_over(kind, document):
                    metadata = document["metadata"]
                    self._add(Key(kind, metadata["namespace"], metadata["name"]))
        self._read.add(namespace)
        return self._period


def list_path(namespace: str, plural: str) -> str:
    """Where a kind is listed in a namespace, or EVERYWHERE."""
    group = f"{GROUP}/{VERSION}"
    return f"/apis/{group}/{plural}" if namespace == EVERYWHERE else path_of(group, namespace, plural)


def _is_over(kind: str, document: dict[str, Any]) -> bool:
    """Goals are cheap to look at, and a raised budget or a retention time concerns finished ones too."""
    return kind == "Experiment" and document.get("status", {}).get("phase") in OVER


async def until_served(rest: Rest, namespaces: list[str], pause: float = 5.0) -> None:
    """Wait until the custom resources can be listed; says what stands in the way when it changes."""
    told = ""
    for namespace in namespaces:
        for plural in KINDS.values():
            while trouble := await _trouble(rest, list_path(namespace, plural), plural):
                if trouble != told:
                    log.warning("%s: %s", namespace or "all namespaces", trouble)
                    told = trouble
                await asyncio.sleep(pause)


async def _trouble(rest: Rest, path: str, plural: str) -> str:
    try:
        await rest.list_all(path, limit="1")
    except NotFound:
        return f"there is no custom resource {plural}.{GROUP}: install the chart, or `kubectl apply -f crds/`"
    except ClusterFailed as error:
        return str(error)
    return ""
