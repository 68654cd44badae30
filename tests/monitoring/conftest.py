"""The cluster's fixtures."""

from cluster.conftest import crds  # noqa: F401
