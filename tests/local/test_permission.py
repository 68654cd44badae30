import pytest

from fakes.memory import goal
from seedbed.errors import InvalidInput
from seedbed.local import permission
from seedbed.local.permission import require_permission, runs_code

CODED = goal(planner={"type": "LLM", "code": True})


@pytest.fixture
def lacking(monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: "this kernel has no Landlock")


@pytest.fixture
def sealing(monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: None)


def test_what_has_no_code_run_needs_no_permission(monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: pytest.fail("the machine was asked"))
    require_permission(goal(), allowed=False)
    assert runs_code(goal(), allowed=False) == "sealed"


def test_where_code_is_sealed_in_it_needs_none(sealing):
    require_permission(CODED, allowed=False)
    assert runs_code(CODED, allowed=False) == runs_code(CODED, allowed=True) == "sealed"


def test_elsewhere_it_needs_it_and_the_refusal_says_what_is_lacking(lacking):
    require_permission(CODED, allowed=True)
    with pytest.raises(InvalidInput) as refused:
        require_permission(CODED, allowed=False)
    assert str(refused.value) == (
        "g: `spec.planner.code` has code run that this machine can't seal in (this kernel has no Landlock): "
        "it could read test labels, files and whatever its user may reach; `research-agent doctor` says how "
        "to get the seal; if you accept that here, add `--allow-unsealed`, and no claim is made of it"
    )
    assert (runs_code(CODED, True), runs_code(CODED, False)) == ("unsealed", "refused")
