"""List, then watch: what the benchmark and its node see of the API server.

A watch that the server closes ends the measurement: what happened in between would be in no figure.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from kubernetes.aio.client import ApiClient

from seedbed.cluster.connection import UNREACHABLE, in_words

METADATA = "application/json;as={kind};g=meta.k8s.io;v=v1"
WHOLE = "application/json"
LONGEST = 7200  # seconds


class NotMeasured(Exception):
    """Something else happened than what is measured."""


async def events(
    api: ApiClient, path: str, metadata_only: bool = False, **selectors: str
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """What is there as ADDED, then every change: its type and the document.

    Raises:
        NotMeasured: the server closed the watch, or can't be reached.
    """
    try:
        async for event in _events(api, path, metadata_only, selectors):
            yield event
    except UNREACHABLE as error:
        raise NotMeasured(f"the watch of {path} broke: {in_words(error)}") from error
    raise NotMeasured(f"the API server closed the watch of {path}: measure again")


async def _events(
    api: ApiClient, path: str, metadata_only: bool, selectors: dict[str, str]
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    accept = METADATA.format(kind="PartialObjectMetadataList") if metadata_only else WHOLE
    response = await _get(api, path, accept, selectors)
    there = json.loads(await response.read())
    for document in there["items"] or ():  # none of it: null
        yield "ADDED", document
    more = {"watch": "1", "resourceVersion": there["metadata"]["resourceVersion"], "timeoutSeconds": LONGEST}
    accept = METADATA.format(kind="PartialObjectMetadata") if metadata_only else WHOLE
    response = await _get(api, path, accept, selectors | more)
    async for line in response.response.content:
        event = json.loads(line)
        if event["type"] == "ERROR":
            break
        yield event["type"], event["object"]


async def _get(api: Any, path: str, accept: str, query: dict[str, Any]) -> Any:
    request = await api.param_serialize(
        "GET", f"{path}?{urlencode(query)}", header_params={"Accept": accept}, auth_settings=["BearerToken"]
    )
    return await api.call_api(*request, _request_timeout=LONGEST)
