import re
from pathlib import Path

import pytest

from seedbed.errors import PlannerFailed
from seedbed.planning.llm import failures
from seedbed.planning.llm.failures import BadKey, ModelFailure, RateLimited, backoff


def test_waits_double_up_to_ten_minutes() -> None:
    waits = [backoff(attempt, "goal") for attempt in range(1, 12)]
    for attempt, wait in enumerate(waits):
        doubled = min(600.0, 2.0 * 2**attempt)
        assert 0.75 * doubled <= wait <= doubled
    assert backoff(10**6, "goal") <= 600


def test_the_same_goal_waits_the_same_and_two_goals_do_not() -> None:
    # sha256("one/3") begins with 9b5a27e4: 8 · (1 − 0x9b5a27e4 / 2³⁴)
    assert backoff(3, "one") == pytest.approx(6.786311, abs=1e-6)
    assert backoff(3, "one") != backoff(3, "other")


def test_a_server_can_lengthen_a_wait_but_not_shorten_it() -> None:
    assert RateLimited("", retry_after=30.0).wait(1, "goal") == 30.0
    assert RateLimited("", retry_after=0.0).wait(1, "goal") == backoff(1, "goal")


def test_what_fails_the_same_way_again_is_not_tried_again() -> None:
    assert BadKey("").wait(1, "goal") is None


def test_every_failure_is_a_planners_and_says_what_to_do() -> None:
    kinds = ModelFailure.__subclasses__()
    assert len(kinds) == 22
    for kind in kinds:
        assert issubclass(kind, PlannerFailed)
        assert kind.advice[0].islower() and not kind.advice.endswith(".")
        assert f"── {kind.__name__} " in (failures.__doc__ or "")


ROW = re.compile(r"^\| ([A-Z][A-Za-z]+) \| (.*?) \| (.*) \| (yes|no|once) \|$", re.MULTILINE)
OF_THE_SEARCH = {"CallLost", "InvalidAnswer", "TokensSpent"}  # engine.consultation's own


def test_the_documentation_has_every_reason() -> None:
    rows = ROW.findall((Path(__file__).parents[3] / "docs" / "planner.md").read_text())
    assert [row for row in rows if row[0] not in OF_THE_SEARCH] == [
        (
            kind.__name__,
            (kind.__doc__ or "").splitlines()[0].rstrip("."),
            kind.advice,
            "yes" if kind.again else "no",
        )
        for kind in ModelFailure.__subclasses__()
    ]
    assert {row[0] for row in rows} > OF_THE_SEARCH
