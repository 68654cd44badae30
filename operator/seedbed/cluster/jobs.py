"""The Jobs of one namespace and their pods.

Labels only select: whose a Job or a pod is, its owner reference says, and nobody else's is looked at. A list
is as new as what was heard and written here; with `live` it is as new as can be.
"""

from collections.abc import Collection

from seedbed.api import Experiment
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.names import EXPERIMENT_LABEL, KIND_LABEL, OVER_LABEL, SEED_LABEL
from seedbed.cluster.podstate import finished
from seedbed.cluster.refusals import Refusals
from seedbed.cluster.rest import Document, Rest, path_of


class Jobs:
    """Reads and writes Jobs; every method raises what `Rest` raises."""

    def __init__(self, rest: Rest, namespace: str, freshness: Freshness) -> None:
        self._rest, self._namespace, self._freshness = rest, namespace, freshness
        self._refusals = Refusals(rest, namespace)

    async def get(self, name: str) -> Document | None:
        """The Job of that name, whoever made it."""
        return await self._rest.get(self._path(name))

    async def create(self, job: Document) -> None:
        """Create; raises `AlreadyExists`."""
        self._wrote(await self._rest.create(self._path(), job))

    async def delete(self, name: str) -> None:
        """Delete a Job, and its pods after it."""
        await self._rest.delete(self._path(name))

    async def expire(self, name: str, ttl: int) -> None:
        """Let a finished Job be removed `ttl` seconds after its end, and mark it as one that is over."""
        patch = {"metadata": {"labels": {OVER_LABEL: "true"}}, "spec": {"ttlSecondsAfterFinished": ttl}}
        self._wrote(await self._rest.merge(self._path(name), patch))

    async def of(self, experiment: Experiment, seed: int | None = None, live: bool = False) -> list[Document]:
        """The Jobs of an experiment's runs, or of one of them; with `live` those too that are over."""
        selector = _selector(experiment) + (f",{SEED_LABEL}={seed}" if seed is not None else "")
        selector += "" if live else f",!{OVER_LABEL}"
        uid = experiment.metadata.uid
        return [job for job in await self._list("batch/v1", "jobs", selector, live) if owns(uid, job)]

    async def pods_of(self, experiment: Experiment, seeds: Collection[int]) -> list[Document]:
        """The pods of these seeds' Jobs, in one list; `owned` tells them apart."""
        chosen = f"{SEED_LABEL} in ({','.join(map(str, sorted(seeds)))})"
        return await self._list("v1", "pods", f"{_selector(experiment)},{chosen}")

    async def pods(self, job: Document) -> list[Document]:
        """The pods of one Job."""
        return owned(job, await self._list("v1", "pods", f"job-name={job['metadata']['name']}"))

    async def refusal(self, job: Document, pods: list[Document]) -> str:
        """Why the Job controller could make no pod; empty when it could, or had no reason to."""
        if pods or finished(job) or job["spec"].get("suspend"):
            return ""
        return await self._refusals.of(job["metadata"]["uid"])

    def _wrote(self, job: Document) -> None:
        self._freshness.heard("jobs", job["metadata"]["resourceVersion"])

    def _path(self, name: str = "") -> str:
        return path_of("batch/v1", self._namespace, "jobs", name)

    async def _list(self, group: str, plural: str, selector: str, live: bool = False) -> list[Document]:
        path, bound = path_of(group, self._namespace, plural), self._freshness.floor(plural)
        newest = {} if live else {"resourceVersion": bound}
        return await self._rest.list_all(path, labelSelector=selector, **newest)


def owned(job: Document, pods: list[Document]) -> list[Document]:
    """Those of the pods that are the Job's."""
    return [pod for pod in pods if owns(job["metadata"]["uid"], pod)]


def owns(uid: str, document: Document) -> bool:
    """Whether the resource of that UID owns the document."""
    return any(owner["uid"] == uid for owner in document["metadata"].get("ownerReferences") or ())


def _selector(experiment: Experiment) -> str:
    return f"{KIND_LABEL}=run,{EXPERIMENT_LABEL}={experiment.metadata.name}"
