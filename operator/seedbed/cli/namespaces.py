"""`Documents` of a namespace in a cluster, by the kubeconfig that kubectl would use.

Each call makes its own connection: a command makes a handful. The artifacts are in a store that only its
owner's credentials open, so they are read where the user has some, and else are not.
"""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from kubernetes.aio.config import ConfigException, list_kube_config_contexts

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.hints import command_line
from seedbed.cluster import lease
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.connection import connected, kubeconfig
from seedbed.cluster.names import card_key
from seedbed.cluster.profiles import StoreSettings
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.store import KubeStore
from seedbed.engine.naming import owner_prefix
from seedbed.errors import ClusterRefused
from seedbed.world import Resource
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card

Answer = TypeVar("Answer")


def default_namespace() -> str:
    """The namespace of the kubeconfig's present context."""
    try:
        _, context = list_kube_config_contexts(kubeconfig())  # type: ignore[no-untyped-call]
    except ConfigException:
        return "default"
    return str(context["context"].get("namespace") or "default")


class NamespaceDocuments:
    """The goals and experiments of one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def _call(self, call: Callable[[Rest], Coroutine[Any, Any, Answer]]) -> Answer:
        async def connected_call() -> Answer:
            async with connected() as client:
                return await call(Rest(client))

        return asyncio.run(connected_call())

    # -- the resources ------------------------------------------------------------------------------------

    def read(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        return self._call(lambda rest: KubeStore(rest, self.namespace).get(kind, name))

    def read_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        return self._call(lambda rest: KubeStore(rest, self.namespace).list_all(kind))

    def create(self, resource: ResearchGoal | Experiment) -> None:
        """Create a resource here; raises `AlreadyExists`."""
        metadata = resource.metadata.model_copy(update={"namespace": self.namespace})
        here: Any = resource.model_copy(update={"metadata": metadata})
        self._call(lambda rest: KubeStore(rest, self.namespace).create(here))

    def patch_spec(self, resource: Resource, **update: Any) -> Resource:
        """Change fields of the spec if the resource is still as it was read."""
        return self._call(lambda rest: KubeStore(rest, self.namespace).patch_spec(resource, **update))

    def delete(self, kind: type[Resource], name: str) -> None:
        """Remove a resource, and what it owns after it."""
        self._call(lambda rest: KubeStore(rest, self.namespace).delete(kind, name))

    # -- what was made of them ----------------------------------------------------------------------------

    @cached_property
    def artifacts(self) -> S3Artifacts | None:
        """The store that the environment names, if it names one."""
        bucket = os.environ.get("SEEDBED_S3_BUCKET")
        if not bucket:
            return None
        return S3Artifacts(
            StoreSettings(
                endpoint=os.environ.get("SEEDBED_S3_ENDPOINT") or None,
                bucket=bucket,
                prefix=os.environ.get("SEEDBED_S3_PREFIX", ""),
                region=os.environ.get("SEEDBED_S3_REGION") or "us-east-1",
            )
        )

    def artifact(self, key: str) -> bytes | None:
        """The bytes of an artifact; None where there is none, or none can be read."""
        if self.artifacts is None:
            return None
        return self.artifacts.read(key)

    def keys(self, prefix: str) -> list[str]:
        """Every key of an artifact under `prefix`, sorted; none without a store."""
        return [] if self.artifacts is None else self.artifacts.keys(prefix)

    def namespaces(self) -> list[str]:
        """The one that was named."""
        return [self.namespace]

    def card(self, goal: ResearchGoal) -> Card | None:
        """The prepared dataset's card, if the store can be read."""
        data = self.artifact(card_key(self.namespace, dataset_key(goal.spec.dataset.document())))
        return Card.from_json(data) if data is not None else None

    def limits(self) -> str | None:
        """Without a store there are no records of runs."""
        if self.artifacts is not None:
            return None
        return (
            "This shows what the resources hold; the records of the runs are in the store: "
            "name it by SEEDBED_S3_BUCKET, with credentials of your own."
        )

    def kept(self, resource: ResearchGoal | Experiment) -> str:
        """The store by its name, and the prefix in it."""
        return f"store {resource.spec.artifacts.store}, {owner_prefix(resource)}"

    def reports(self, goal: ResearchGoal) -> Path:
        """A folder beside the user."""
        return Path(f"{goal.metadata.name}-report")

    # -- in words -----------------------------------------------------------------------------------------

    @property
    def place(self) -> str:
        """The namespace."""
        return f"namespace {self.namespace}"

    @property
    def beginning(self) -> str:
        """How a goal gets there."""
        return f"`research-agent submit goal.yaml -n {self.namespace}`"

    def worker(self) -> str | None:
        """The operator whose Lease is in this namespace; one of the whole cluster has its own elsewhere."""
        path = path_of(f"{lease.GROUP}/{lease.VERSION}", self.namespace, lease.PLURAL, lease.NAME)
        try:
            found = self._call(lambda rest: rest.get(path))
        except ClusterRefused:  # a user need not be allowed to read Leases
            return None
        holder = found["spec"].get("holderIdentity") if found else None
        return f"operator {holder}" if holder else None

    def idle(self, resource: ResearchGoal | Experiment) -> str | None:
        """What nobody has looked at yet may have no operator."""
        if resource.status.observed_generation:
            return None
        return f"no operator has looked at it yet: does one watch {self.place}?"

    def last_instant(self, name: str) -> float:
        """Now: an operator is always at work."""
        return time.time()

    def line(self, command: str, name: str) -> str:
        """With the namespace in it."""
        return command_line(command, name, "--namespace", self.namespace)
