"""The path of any confirmation: look after look until one decides.

Whatever is judged (two sources of error, several targets), seeds are used in the order of their index and at
the planned looks only: what comes between two looks, or after the decision, is not looked at.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar


class Looked(Protocol):
    """What one look says; anything but `Continue` ends the attempt."""

    @property
    def decision(self) -> str:
        """`Achieved`, `Futile`, `NotReached` or `Continue`."""


Result = TypeVar("Result", bound=Looked)


def follow(available: int, planned: Sequence[int], judge: Callable[[int], Result]) -> list[Result]:
    """The looks that `available` seeds allow, up to the first that decides.

    Args:
        available: seeds that are there, counted from the first one without a gap.
        planned: the looks, ascending.
        judge: judges the first n seeds.
    """
    path: list[Result] = []
    for n in planned:
        if n > available:
            break
        path.append(judge(n))
        if path[-1].decision != "Continue":
            break
    return path
