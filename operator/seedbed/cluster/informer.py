"""Kopf as the informer and nothing else: its settings, and how it logs in.

It stores no state on a resource, adds no finalizer, posts no event, and looks neither for peers nor for new
kinds of resources. What it would do for handlers that compare and change resources is left out: at thousands
of Jobs, copying and parsing them took more of the operator's time than its own work (measured).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import kopf
import orjson

from seedbed.cluster import lease, names

AT_ONCE = 500  # objects of a list in memory
METADATA_ONLY = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"

Send = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


class Unremembered(kopf.DiffBaseStorage):
    """What an object was like before its event: nothing, so that nothing is compared."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:
        """What is compared with it."""
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:
        """What it was like."""
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Remember what it is like."""


def kopf_settings() -> kopf.OperatorSettings:
    """Have kopf reduced to watching."""
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = Unremembered()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = 1.0  # seconds that an object is kept after its event
    settings.networking.error_backoffs = (1, 1, 2, 3, 5, 8, 13, *[20] * 30)  # ten minutes of a server's 5xx
    settings.watching.chunk_size = AT_ONCE
    settings.watching.label_selectors["batch", "v1", "jobs"] = names.KIND_LABEL
    settings.watching.label_selectors["", "v1", "pods"] = names.KIND_LABEL
    settings.watching.field_selectors[lease.GROUP, lease.VERSION, lease.PLURAL] = (
        f"metadata.name={lease.NAME}"
    )
    return settings


async def login(**given: Any) -> kopf.AiohttpSession | None:
    """The client library's credentials, in a session that asks for no more of a Job than is looked at."""
    info = kopf.login_via_client(**given)
    if info is None:
        return None
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=info.as_ssl_context()),
        headers=info.as_http_headers(),
        trust_env=info.trust_env,
        middlewares=(metadata_only,),
        response_class=Answer,
    )
    return kopf.AiohttpSession(server=info.server, aiohttp_session=session, priority=info.priority)


async def metadata_only(request: aiohttp.ClientRequest, send: Send) -> aiohttp.ClientResponse:
    """Have lists and watches of Jobs and pods tell the metadata: labels are all that is looked at."""
    if request.url.name in ("jobs", "pods"):
        request.headers["Accept"] = METADATA_ONLY.format("" if "watch" in request.url.query else "List")
    return await send(request)


class Answer(aiohttp.ClientResponse):
    """An answer of the API server, as kopf can take it."""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Begin; a watch goes on as a stream of what is looked at."""
        await super().start(connection)
        if "watch" in self.url.query:
            self.content = Stream(self.content)  # type: ignore[assignment]  # as far as kopf reads it
        return self

    async def json(self, **options: Any) -> Any:
        """The document. An empty list of metadata holds null; and nobody asks who manages which field."""
        document = await super().json(**options)
        if isinstance(document, dict) and "items" in document:
            document["items"] = document["items"] or []
            for item in document["items"]:
                item["metadata"].pop("managedFields", None)
        return document


class Stream:
    """A watch's events without who manages which field: most of what an event's metadata weigh.

    Kopf decodes every event in Python's own time; what it is not given costs a tenth here (measured: a fifth
    of the operator's time went into it).
    """

    def __init__(self, stream: aiohttp.StreamReader) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Whole lines, one an event; at its end what came of the last one."""
        begun = b""
        async for data in self._stream.iter_chunked(size):
            *lines, begun = (begun + data).split(b"\n")
            if lines:
                yield b"".join(_bare(line) + b"\n" for line in lines if line)
        if begun:
            yield begun


def _bare(line: bytes) -> bytes:
    event = orjson.loads(line)
    event["object"].get("metadata", {}).pop("managedFields", None)
    return orjson.dumps(event)
