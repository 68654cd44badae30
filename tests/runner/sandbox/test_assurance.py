from typing import Any

import pytest

from seedbed_runner.sandbox import Seal, assurance_of, meets

WHOLE = Seal(7, True, {}, {})
PARTS = [Seal(0, True, {"landlock": "no"}, {}), Seal(3, False, {"seccomp": "no"}, {})]
NOTHING = Seal(0, False, {"landlock": "no", "seccomp": "no"}, {})
SOURCE = {"source": "x = 1"}


def test_code_of_others_is_as_sure_as_its_seal(iris: Any, asking: Any) -> None:
    request = asking(iris.card, model=SOURCE)
    assert assurance_of(request, WHOLE) == "sealed"
    assert [assurance_of(request, part) for part in PARTS] == ["limited", "limited"]
    assert assurance_of(request, NOTHING) == "none"


def test_code_of_our_own_is_trusted_however_it_is_sealed(iris: Any, asking: Any) -> None:
    for model in ({"layers": []}, {"torchvision": {"name": "resnet18"}}):
        request = asking(iris.card, model=model)
        assert {assurance_of(request, seal) for seal in (WHOLE, *PARTS, NOTHING)} == {"trusted-code"}
    both = asking(iris.card, model={"layers": []} | SOURCE)
    assert assurance_of(both, NOTHING) == "none"


def test_a_declared_runtime_class_seals(iris: Any, asking: Any) -> None:
    assert assurance_of(asking(iris.card, model=SOURCE, declared="gvisor"), NOTHING) == "sealed"


@pytest.mark.parametrize(
    ("model", "demand", "met"),
    [
        (SOURCE, "sealed", [True, False, False]),
        (SOURCE, "trusted-code", [True, False, False]),
        (SOURCE, "limited", [True, True, False]),
        (SOURCE, "none", [True, True, True]),
        ({"layers": []}, "sealed", [True, False, False]),
        ({"layers": []}, "trusted-code", [True, True, True]),
    ],
)
def test_demands(iris: Any, asking: Any, model: Any, demand: str, met: list[bool]) -> None:
    request = asking(iris.card, model=model, demand=demand)
    assert [meets(request, seal) for seal in (WHOLE, PARTS[0], NOTHING)] == met
