"""Attack 60: what the next run would read."""

from typing import Any

import pytest

from redteam.checking import check

pytestmark = pytest.mark.slow


def test_60_writes_what_the_next_run_reads(tried: Any) -> None:
    check(tried, "caches", "60")
