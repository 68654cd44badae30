"""How new a list of Jobs or pods must be: as new as what was heard of them.

Such a list comes from the API server's memory. One without this bound is read from its database where the
server is older than Kubernetes 1.31: every Job of the namespace then, to find the few of one experiment
(measured at 5,000 Jobs: the server's whole time). Below the bound a change that woke a reconcile could be
missing from what that reads, with nothing to wake it again.
"""


class Freshness:
    """The newest version heard of each resource, by its plural."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}

    def heard(self, plural: str, version: str) -> None:
        """A watch told of this version; events of different objects may come in any order."""
        self._newest[plural] = max(int(version), self._newest.get(plural, 0))

    def floor(self, plural: str) -> str:
        """The `resourceVersion` to list with; 0, whatever the server remembers, before anything was heard."""
        return str(self._newest.get(plural, 0))
