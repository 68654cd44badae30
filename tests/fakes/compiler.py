"""torch's compiler, as the process that forks runs has it loaded where they are code of others.

For tests that fork such runs themselves; at the top of a module it would cost everybody a second.
"""

import importlib

import pytest


@pytest.fixture(scope="session")
def compiler() -> None:
    importlib.import_module("torch._dynamo")
