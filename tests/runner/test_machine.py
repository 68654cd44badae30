from typing import Any

import pytest

from seedbed_runner import machine, sandbox
from seedbed_runner.errors import Infrastructure

SOURCE = {"source": "x = 1"}
PART = sandbox.Seal(0, True, {"landlock": "this kernel has no Landlock"}, {})


def found(monkeypatch: pytest.MonkeyPatch, seal: Any) -> None:
    def probe() -> Any:
        if isinstance(seal, Exception):
            raise seal
        return seal

    monkeypatch.setattr(sandbox, "probe", probe)


@pytest.mark.parametrize(
    ("seal", "words"),
    [(PART, "this kernel has no Landlock"), (sandbox.SealFailed("the process has 2 threads"), "2 threads")],
    ids=["a part", "none"],
)
def test_code_that_must_be_sealed_is_refused_where_it_cannot_be(
    iris: Any, asking: Any, monkeypatch: pytest.MonkeyPatch, seal: Any, words: str
) -> None:
    found(monkeypatch, seal)
    with pytest.raises(Infrastructure, match=words) as caught:
        machine.require_seal(asking(iris.card, model=SOURCE, demand="sealed"))
    assert caught.value.reason == "NotSealed"


def test_a_whole_seal_lets_it_pass(iris: Any, asking: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, sandbox.Seal(7, True, {}, {}))
    machine.require_seal(asking(iris.card, model=SOURCE, demand="sealed"))


@pytest.mark.parametrize("changes", [{"demand": "limited"}, {"demand": "sealed", "declared": "gvisor"}])
def test_who_demands_less_or_declares_another_seal_is_not_probed(
    iris: Any, asking: Any, monkeypatch: pytest.MonkeyPatch, changes: Any
) -> None:
    found(monkeypatch, AssertionError("nobody asked"))
    machine.require_seal(asking(iris.card, model=SOURCE, **changes))
