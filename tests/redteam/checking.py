"""What every test of an attack that has a number asserts."""

from typing import Any


def check(tried: Any, group: str, number: str, due: int | None = None) -> None:
    """Each way of the attack, or `due` of them at least, pays without the seal; none does with it."""
    before, after = tried(group)
    assert len(before.pays(number)) >= (due or len(before.tried(number))), before.tried(number)
    assert after.pays(number) == set(), after.tried(number)
    assert after.tried(number).keys() == before.tried(number).keys()
    assert (after.reason, after.record.assurance) == ("Scored", "sealed"), after.message
