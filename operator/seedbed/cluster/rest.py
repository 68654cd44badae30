"""Requests to the API server as plain documents: dicts in, dicts out, refusals as Seedbed's own errors.

Only the transport of `kubernetes.aio` is used (server, credentials, TLS, connections). Its typed models know
one version's fields and drop the others; a manifest must reach the server as it was built.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from kubernetes.aio.client import ApiClient, ApiException

from seedbed.cluster.connection import UNREACHABLE, in_words, refusal
from seedbed.errors import AlreadyExists, ClusterFailed, ClusterRefused, Conflict, NotFound

TIMEOUT = 30.0  # seconds for one request
MERGE_PATCH = "application/merge-patch+json"

Document = dict[str, Any]
Asked = Callable[[str, str, str], None]


def path_of(group: str, namespace: str, plural: str, name: str = "", subresource: str = "") -> str:
    """Where a namespaced resource is served; `group` with its version, `v1` for the core group.

    A name may come from a user: each part is quoted, so that none leads elsewhere.
    """
    root = "/api/v1" if group == "v1" else f"/apis/{group}"
    parts = ["namespaces", namespace, plural, *filter(None, (name, subresource))]
    return "/".join([root, *(quote(part, safe="") for part in parts)])


class Rest:
    """The API server's verbs.

    Every method raises `ClusterFailed` when the server can't be reached or fails, and `ClusterRefused` when
    it says no; what else it may raise stands beside it. `asked` hears of each request: method, path, and the
    answer's code (`error` for none).
    """

    def __init__(self, api: ApiClient, asked: Asked = lambda method, path, code: None) -> None:
        self._api, self._asked = api, asked

    async def get(self, path: str) -> Document | None:
        """The document, or None."""
        try:
            return await self._call("GET", path)
        except NotFound:
            return None

    async def list_all(self, path: str, **selectors: str) -> list[Document]:
        """All documents that the selectors (`labelSelector`, `fieldSelector`) choose."""
        found = await self._call("GET", f"{path}?{urlencode(selectors)}" if selectors else path)
        items: list[Document] = found["items"]
        return items

    async def create(self, path: str, document: Document) -> Document:
        """Create; the document as it was stored. Raises `AlreadyExists`."""
        return await self._call("POST", path, document)

    async def replace(self, path: str, document: Document) -> Document:
        """Replace; raises `Conflict` when its resourceVersion is not the present one, and `NotFound`."""
        return await self._call("PUT", path, document)

    async def merge(self, path: str, patch: Document) -> Document:
        """Merge a patch (RFC 7386); raises as `replace` does."""
        return await self._call("PATCH", path, patch, MERGE_PATCH)

    async def delete(self, path: str, version: str | None = None) -> None:
        """Delete, and what it owns after it; it is no error when it is gone already.

        Raises `Conflict` when `version` is given and is not the present resourceVersion.
        """
        options: Document = {"propagationPolicy": "Background"}
        if version is not None:
            options["preconditions"] = {"resourceVersion": version}
        try:
            await self._call("DELETE", path, options)
        except NotFound:
            return

    async def _call(
        self, method: str, path: str, body: Document | None = None, content: str = "application/json"
    ) -> Document:
        headers = {"Accept": "application/json", "Content-Type": content}
        api: Any = self._api  # the client's transport has no types
        try:
            # Without the body: what is plain JSON already would be copied twice, part by part.
            method, url, headers, *_ = await api.param_serialize(
                method, path, header_params=headers, auth_settings=["BearerToken"]
            )
            response = await api.call_api(method, url, headers, body, _request_timeout=TIMEOUT)
            data = await response.read()
            if not 200 <= response.status <= 299:
                raise ApiException(response.status, response.reason, body=data.decode(errors="replace"))
            document: Document = orjson.loads(data)
        except ApiException as error:
            self._asked(method, path, str(error.status))
            raise _error(error) from error
        except UNREACHABLE as error:
            self._asked(method, path, "error")
            raise ClusterFailed(in_words(error)) from error
        self._asked(method, path, str(response.status))
        return document


def _error(error: ApiException) -> Exception:
    """What a refusal is among our own errors."""
    said = refusal(error)
    if error.status == 404:
        return NotFound(said)
    if error.status == 409:
        return AlreadyExists(said) if _reason(error) == "AlreadyExists" else Conflict(said)
    if error.status in (400, 401, 403, 405, 413, 415, 422):
        return ClusterRefused(said)
    return ClusterFailed(said)


def _reason(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or "")["reason"])
    except (ValueError, KeyError, TypeError):
        return ""
