"""A train child without any seal, which says so: what attacks can do then, and what tests need fork for."""

import pytest

from seedbed_runner.sandbox import Policy, Seal, gate

NOTHING = Seal(0, False, {"landlock": "switched off", "seccomp": "switched off"}, {})


def _seal_nothing(policy: Policy) -> Seal:
    return NOTHING


def _believe(pid: int, told: Seal) -> None:
    pass


def unsealed(patch: pytest.MonkeyPatch) -> None:
    """Switch the seal off, and the supervisor's own look at it."""
    patch.setattr(gate, "seal", _seal_nothing)
    patch.setattr(gate, "_verify", _believe)
