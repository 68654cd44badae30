"""How tests are spread over processes: those of the cluster stay together, one after the other.

They share one installation and its node, and one of them restarts the API server. Others are spread by file.
"""

import pytest


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        group = "cluster" if item.get_closest_marker("cluster") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
