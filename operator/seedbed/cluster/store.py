"""The custom resources of one namespace: `world.Store` for the cluster, and what its commands need beside.

What stands in the cluster is checked by the models again: a schema may be old, or was bypassed. A document
that is no resource is left out of lists; asked for by its name it is an error, and it says so on itself.
"""

import logging
import time
from typing import Any

from pydantic import ValidationError

from seedbed.api import GROUP, VERSION, Experiment, ResearchGoal
from seedbed.api.explain import explain
from seedbed.cluster import condition
from seedbed.cluster.rest import Document, Rest, path_of
from seedbed.engine.instants import to_text
from seedbed.errors import AlreadyExists, ClusterFailed, Conflict, InvalidManifest, NotFound
from seedbed.world import Resource

PLURALS: dict[type[ResearchGoal] | type[Experiment], str] = {
    ResearchGoal: "researchgoals",
    Experiment: "experiments",
}

log = logging.getLogger(__name__)


class KubeStore:
    """`world.Store` for one namespace; every method also raises `ClusterFailed`."""

    def __init__(self, rest: Rest, namespace: str) -> None:
        self._rest, self._namespace = rest, namespace

    async def get(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None.

        Raises:
            InvalidManifest: what is there is no resource; its condition says why from now on.
        """
        document = await self._rest.get(self._path(kind, name))
        if document is None:
            return None
        try:
            return _read(kind, document)
        except InvalidManifest as error:
            await self._mark(kind, document, error)
            raise

    async def list_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names; what is no resource is left out, and logged."""
        found = []
        for document in await self._rest.list_all(self._path(kind)):
            try:
                found.append(_read(kind, document))
            except InvalidManifest as error:
                log.warning("left out: %s", "; ".join(str(error).splitlines()))
        return sorted(found, key=lambda resource: resource.metadata.name)

    async def create(self, resource: Resource) -> Resource:
        """Store a new resource; the result carries its UID and version.

        Raises:
            AlreadyExists: there is one of that name.
            ClusterRefused: the API server does not take it.
        """
        kind, name = type(resource), resource.metadata.name
        document = resource.document()
        document["metadata"] = _metadata(document["metadata"], self._namespace)
        del document["status"]
        try:
            return _read(kind, await self._rest.create(self._path(kind), _sent(document)))
        except AlreadyExists as error:
            raise AlreadyExists(f"there is a {resource.kind} named {name} already") from error

    async def patch_status(self, resource: Resource, status: Any) -> Resource:
        """Replace the status if the resource is still as it was read.

        Raises:
            Conflict: it changed since.
            NotFound: it is gone.
        """
        document = resource.model_copy(update={"status": status}).document()
        return await self._write(resource, "replace", document, "status")

    async def patch_spec(self, resource: Resource, **update: Any) -> Resource:
        """Change fields of the spec if the resource is still as it was read.

        Raises:
            Conflict, NotFound: as `patch_status`.
            ClusterRefused: the field can't be changed, or not to that.
        """
        spec = resource.spec.model_copy(update=update).document()
        names = {type(resource.spec).model_fields[field].serialization_alias or field for field in update}
        changed = {name: spec.get(name) for name in names}
        return await self._write(resource, "merge", {"spec": changed})

    async def delete(self, kind: type[Resource], name: str, version: str | None = None) -> None:
        """Remove a resource, and what it owns after it; it is no error when it is gone already.

        Raises:
            Conflict: it is no longer at the resource version `version`.
        """
        await self._rest.delete(self._path(kind, name), version)

    async def _write(
        self, resource: Resource, verb: str, document: Document, subresource: str = ""
    ) -> Resource:
        kind, meta = type(resource), resource.metadata
        # No UID: with one, what is gone would be a conflict.
        document["metadata"] = {"name": meta.name, "resourceVersion": meta.resource_version}
        path = self._path(kind, meta.name, subresource)
        write = self._rest.replace if verb == "replace" else self._rest.merge
        try:
            return _read(kind, await write(path, _sent(document)))
        except Conflict as error:
            raise Conflict(f"the {resource.kind} {meta.name} was changed by somebody else") from error
        except NotFound as error:
            raise NotFound(f"the {resource.kind} {meta.name} is gone") from error

    async def _mark(self, kind: type[Resource], document: Document, error: InvalidManifest) -> None:
        """Say on a document that is no resource why nothing is done; the rest of its status stays."""
        there: list[Document] = (document.get("status") or {}).get("conditions") or []
        old: Document = next((each for each in there if each["type"] == condition.TYPE), {})
        message = "; ".join(error.problems)[:1024]
        if old.get("message") == message:
            return
        ours = {
            "type": condition.TYPE, "status": "False", "reason": type(error).__name__, "message": message,
            "lastTransitionTime": to_text(time.time()),
        }  # fmt: skip
        kept: list[Document] = [each for each in there if each["type"] != condition.TYPE][
            : condition.MOST - 1
        ]
        meta = document["metadata"]
        patch = {
            "metadata": {"resourceVersion": meta["resourceVersion"]},
            "status": {"conditions": sorted([*kept, ours], key=lambda each: str(each["type"]))},
        }
        try:
            await self._rest.merge(self._path(kind, meta["name"], "status"), patch)
        except (ClusterFailed, Conflict, NotFound) as trouble:
            log.warning("the condition of %s can't be written: %s", meta["name"], trouble)

    def _path(self, kind: type[Resource], name: str = "", subresource: str = "") -> str:
        return path_of(f"{GROUP}/{VERSION}", self._namespace, PLURALS[kind], name, subresource)


def _sent(value: Any) -> Any:
    """A document as it is sent: without empty texts, which older API servers take for null.

    Where a model has one, it is the default: what comes back is the same.
    """
    if isinstance(value, dict):
        return {key: _sent(item) for key, item in value.items() if item != ""}
    return [_sent(item) for item in value] if isinstance(value, list) else value


def _metadata(metadata: Document, namespace: str) -> Document:
    """What a client may say of a resource that is not there yet."""
    kept = {
        key: metadata[key] for key in ("name", "labels", "annotations", "ownerReferences") if metadata[key]
    }
    return kept | {"namespace": namespace}


def _read(kind: type[Resource], document: Document) -> Resource:
    """A document of the API server as a resource.

    Raises:
        InvalidManifest: it is none; every mistake in a sentence.
    """
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        source = f"{kind.__name__} {document['metadata']['name']}"
        mistakes = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise InvalidManifest(source, explain(document) or mistakes) from error
