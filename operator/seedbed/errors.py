"""Every error that Seedbed raises on purpose.

    SeedbedError
    ├── InvalidInput            what the user gave is wrong: says what, where, and what would be right
    │   ├── InvalidManifest     one line a mistake, each with its path in the document
    │   └── GoalRefused         a well-formed goal that no experiment could decide
    ├── NotFound                a resource or record that was named is not there
    ├── AlreadyExists           a resource of that name is there already
    ├── Conflict                the resource changed since it was read: read again, decide again
    ├── FolderBusy              another process works in this folder
    ├── StorageFailed           the disk is full, or the folder can't be read or written
    ├── LauncherFailed          runs can't be started on this machine (a missing package, a dead launcher)
    ├── ClusterFailed           the Kubernetes API server can't be reached, or failed
    │   └── ClusterRefused      it answered, and said no: rights, quota, admission
    └── PlannerFailed           the planner gave no usable proposal

`InvalidInput` ends a command with exit code 2, every other one with 1. The message is a sentence for a
person; a traceback never reaches somebody who made a mistake.
"""


class SeedbedError(Exception):
    """Base of all errors here; `exit_code` is what a command that fails with it returns."""

    exit_code = 1


class InvalidInput(SeedbedError):
    """What the user gave is wrong."""

    exit_code = 2


class InvalidManifest(InvalidInput):
    """A manifest with mistakes: `problems` holds one sentence each, with the path in the document."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


class GoalRefused(InvalidInput):
    """A well-formed goal that no experiment could decide."""


class NotFound(SeedbedError):
    """What was named is not there."""


class AlreadyExists(SeedbedError):
    """A resource of that name is there already."""


class Conflict(SeedbedError):
    """The resource changed since it was read."""


class FolderBusy(SeedbedError):
    """Another process works in this folder."""


class StorageFailed(SeedbedError):
    """The folder can't be written or read."""


class LauncherFailed(SeedbedError):
    """Runs can't be started on this machine."""


class ClusterFailed(SeedbedError):
    """The Kubernetes API server can't be reached, or failed."""


class ClusterRefused(ClusterFailed):
    """The Kubernetes API server said no: rights, quota, admission."""


class PlannerFailed(SeedbedError):
    """The planner gave no usable proposal."""
