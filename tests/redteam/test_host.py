"""Attacks 44 to 50: ways into other processes and the kernel, and ways to run other programs."""

from typing import Any

import pytest

from redteam.checking import check

pytestmark = pytest.mark.slow


def test_44_memory_of_the_parent(tried: Any) -> None:
    check(tried, "host", "44")


def test_45_namespaces_and_mounts(tried: Any) -> None:
    check(tried, "host", "45")


def test_46_corners_of_the_kernel(tried: Any) -> None:
    check(tried, "host", "46", due=3)


def test_48_limits_priority_and_signals_of_the_parent(tried: Any) -> None:
    check(tried, "host", "48")


def test_49_other_programs(tried: Any) -> None:
    check(tried, "host", "49")


def test_50_dropped_library(tried: Any) -> None:
    check(tried, "host", "50")
