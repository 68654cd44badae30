import pytest

from fakes.memory import goal
from seedbed.errors import InvalidInput
from seedbed.local.permission import require_permission


def test_what_has_no_code_run_needs_no_permission():
    require_permission(goal(), allowed=False)


def test_code_needs_it_and_the_refusal_says_what_it_could_do():
    asked = goal(planner={"type": "LLM", "code": True})
    require_permission(asked, allowed=True)
    with pytest.raises(InvalidInput) as refused:
        require_permission(asked, allowed=False)
    assert str(refused.value) == (
        "g: `spec.planner.code` has code run that nothing seals in: it could read test labels, files and "
        "whatever its user may reach; if you accept that on this machine, add `--allow-unsealed`"
    )
