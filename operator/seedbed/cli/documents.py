"""What a command reads and changes: the documents of a folder, or those of a namespace in a cluster.

Commands ask `open_documents` and then know no difference; `places` says where things are in words.
"""

import contextlib
import time
from pathlib import Path
from typing import Any, Protocol

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.documents import read_manifest
from seedbed.cli.hints import command_line
from seedbed.engine.naming import owner_prefix
from seedbed.errors import InvalidInput, InvalidManifest, StorageFailed
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import Folder, create_file, storage
from seedbed.local.settings import read_settings
from seedbed.local.store import FolderStore
from seedbed.world import Resource
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card

MANIFEST = "goal.yaml"  # of the one goal of a folder that the one-line form made


class Resources(Protocol):
    """The resources of one place, for callers outside an event loop."""

    def read(self, kind: type[Resource], name: str) -> Resource | None:
        """The resource as it is now, or None."""
        ...

    def read_all(self, kind: type[Resource]) -> list[Resource]:
        """All of a kind, in the order of their names."""
        ...

    def patch_spec(self, resource: Resource, **update: Any) -> Resource:
        """Change fields of the spec if the resource is still as it was read; raises `Conflict`."""
        ...

    def delete(self, kind: type[Resource], name: str) -> None:
        """Remove a resource; it is no error when it is gone already."""
        ...


class Documents(Resources, Protocol):
    """The resources with what was made of them, and the place in words."""

    @property
    def place(self) -> str:
        """`/data/runs`, `namespace research`."""
        ...

    @property
    def beginning(self) -> str:
        """How to begin where there is nothing yet."""
        ...

    def artifact(self, key: str) -> bytes | None:
        """The bytes of an artifact, or None."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Every key of an artifact under `prefix`, sorted; none where none can be read."""
        ...

    def namespaces(self) -> list[str]:
        """The namespaces whose artifacts are here."""
        ...

    def card(self, goal: ResearchGoal) -> Card | None:
        """What is known of the goal's dataset, once it is prepared."""
        ...

    def limits(self) -> str | None:
        """What can't be read from here, in a sentence; None: everything can."""
        ...

    def kept(self, resource: ResearchGoal | Experiment) -> str:
        """Where everything that was made of a resource is."""
        ...

    def reports(self, goal: ResearchGoal) -> Path:
        """The folder that a goal's report goes to unless another one is named."""
        ...

    def worker(self) -> str | None:
        """Who works here, if that can be known and is so."""
        ...

    def idle(self, resource: ResearchGoal | Experiment) -> str | None:
        """What to do about an unfinished resource on which nobody works; None when somebody does."""
        ...

    def last_instant(self, name: str) -> float:
        """Now while somebody works on a goal, else when they left off: the end of its working time."""
        ...

    def line(self, command: str, name: str) -> str:
        """A command line about a resource here, to copy."""
        ...


class FolderDocuments(FolderStore):
    """`Documents` of a laptop's folder."""

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self.artifacts = FolderArtifacts(folder.artifacts)

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder.root)

    @property
    def beginning(self) -> str:
        """The first command."""
        return "begin with `research-agent init`"

    def artifact(self, key: str) -> bytes | None:
        """The bytes of an artifact, or None."""
        return self.artifacts.read(key)

    def keys(self, prefix: str) -> list[str]:
        """Every key of an artifact under `prefix`, sorted."""
        return self.artifacts.keys(prefix)

    def namespaces(self) -> list[str]:
        """Those that manifests named; without one it is `default`."""
        root = self.folder.artifacts
        with storage(root):
            return sorted(each.name for each in root.iterdir()) if root.exists() else []

    def card(self, goal: ResearchGoal) -> Card | None:
        """The card of the prepared dataset, or the one that was kept of it."""
        prepared = self.folder.datasets / dataset_key(goal.spec.dataset.document()) / "public" / "card.json"
        for path in (prepared, self._kept_card(goal)):
            with storage(path):
                if path.exists():
                    return Card.from_json(path.read_bytes())
        return None

    def keep_card(self, goal: ResearchGoal) -> None:
        """Put the dataset's card among the goal's artifacts, where it outlives the prepared data."""
        if (card := self.card(goal)) is not None:
            create_file(self._kept_card(goal), card.to_json())

    def _kept_card(self, goal: ResearchGoal) -> Path:
        return self.artifacts.path(f"{owner_prefix(goal)}/card.json")

    def limits(self) -> str | None:
        """Everything is in the folder."""
        return None

    def kept(self, resource: ResearchGoal | Experiment) -> str:
        """A folder of its own."""
        return str(self.artifacts.path(owner_prefix(resource)))

    def reports(self, goal: ResearchGoal) -> Path:
        """Beside its manifest in a folder of its own (the one-line form's), else among its artifacts."""
        with contextlib.suppress(InvalidManifest):  # there is none, or it is about something else
            if [each.metadata.name for each in read_manifest(self.folder.root / MANIFEST)] == [
                goal.metadata.name
            ]:
                return self.folder.root
        return self.artifacts.path(owner_prefix(goal))

    def worker(self) -> str | None:
        """The process that holds the folder's lock."""
        holder = self.folder.holder()
        return f"process {holder}" if holder else None

    def idle(self, resource: ResearchGoal | Experiment) -> str | None:
        """The line that goes on with it."""
        if self.folder.holder():
            return None
        return f"nobody works on it now: {self.line('resume', resource.metadata.name)}"

    def last_instant(self, name: str) -> float:
        """When a goal was last worked on, a second ago at most if it is now."""
        last = self.folder.last_heartbeat(name)
        return time.time() if last is None else last

    def line(self, command: str, name: str) -> str:
        """With the folder in it."""
        return command_line(command, name, "--folder", self.place)


def open_documents(folder: str | None = None, namespace: str | None = None) -> Documents:
    """The documents of a namespace if one is given, else of the folder that flags and settings name.

    Raises:
        InvalidInput: both are given, or there is no cluster.
    """
    if namespace is None:
        return open_folder(folder)
    if folder is not None:
        raise InvalidInput("give `--folder` or `--namespace`: a goal is in one place")
    from seedbed.cli.namespaces import NamespaceDocuments  # the Kubernetes client takes a second to import

    return NamespaceDocuments(namespace)


def open_folder(folder: str | None) -> FolderDocuments:
    """The documents of the folder that the flag, the environment or the config file names.

    Raises:
        StorageFailed: there is a file of that name.
    """
    root = read_settings(folder=folder).folder
    if root.exists() and not root.is_dir():
        raise StorageFailed(f"{root}: not a directory")
    return FolderDocuments(Folder(root))
